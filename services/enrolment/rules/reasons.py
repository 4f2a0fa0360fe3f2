"""Why something was decided about a person: each reason a type, and its Swedish and English in one place."""

from datetime import date
from functools import lru_cache, singledispatch
from typing import Literal

from babel.dates import format_date
from babel.numbers import format_decimal

from shared.events.base import Fact, LocalisedText, Reason
from shared.events.hr import Level


class AppointedTo(Fact):
    """Her appointment is recent enough for a programme for the newly appointed."""

    level: Level
    since: date


class MatchedAudience(Fact):
    """The programme is for everybody at her level."""

    level: Level


class Nominated(Fact):
    """The office has named her."""


class LeftEmployment(Fact):
    """She is no longer employed."""


class NoLongerEligible(Fact):
    """The programme is not for the level where she is now."""

    level: Level


class OnLeave(Fact):
    """She is on leave when it matters."""

    until: date | None = None


class OwnManagerInGroup(Fact):
    """Her manager, or somebody whose manager she is, has a seat in the group."""


class DepartmentShareReached(Fact):
    """The group has as many as it may have from her department."""

    limit: int


class TooLittleAttendance(Fact):
    """She attended fewer sessions than the programme asks for."""

    attended: int
    sessions: int


class DeclinedByHer(Fact):
    """She said no."""


class NotAnsweredInTime(Fact):
    """She did not answer the offer in time."""


class NominatedByManager(Fact):
    """Her line manager has named her."""


class AskedAgain(Fact):
    """She let an offer pass and wants to wait for the next one."""


class PutFirst(Fact):
    """The office has put her before the others in the queue."""


class BackFromLeave(Fact):
    """She was away in the middle of the programme, and goes on."""


class GroupCancelled(Fact):
    """Her group does not take place, or not to its end."""


class NotInTheseUnits(Fact):
    """The programme is for other parts of the organisation than hers."""


class HasNotCompleted(Fact):
    """The programme builds on another one that she has not completed."""

    programme: str


class SessionClash(Fact):
    """She has another session at the time of one of the group's."""

    on: date
    programme: str


class OtherLanguage(Fact):
    """The group is held in another language than hers."""

    language: Literal["sv", "en"]


class AwaitingApproval(Fact):
    """Somebody has been asked whether she may go, and has not answered yet."""


class ApproverSilent(Fact):
    """Whoever was asked whether she may go did not answer in time."""


class ApproverUnreachable(Fact):
    """The question whether she may go could not reach whoever was to answer it."""


class ApproverChanged(Fact):
    """It is for somebody else to say whether she may go: another manager, or the one above her who is away."""


class ApprovalNotNeeded(Fact):
    """Nobody need say any more whether she may go."""


class NotApproved(Fact):
    """Whoever was asked whether she may go has said no."""


class OfferTakenBack(Fact):
    """The office has taken an offer back."""


class WithdrawnByOffice(Fact):
    """The office has taken her out."""


class GoneToNextProgramme(Fact):
    """She has been promoted and goes on in the programme for her new level."""

    programme: LocalisedText


class PromotedOut(Fact):
    """She has been promoted, and the programme is for the level that she had."""

    level: Level


class LeftPost(Fact):
    """The seat belongs to the post that she had."""


class SucceededInPost(Fact):
    """She has taken over a post that has a seat."""


class BackInPost(Fact):
    """She is back from leave, and the seat of her post has been kept."""


class HolderIsBack(Fact):
    """She had the seat of a post while its holder was away, who is back."""


class SwappedGroups(Fact):
    """She and a colleague have exchanged groups."""


class TooFewHours(Fact):
    """She attended fewer of the programme's hours than it asks for."""

    attended: float
    hours: float


class PutBack(Fact):
    """The office has put her where she stood in the queue before."""


class LeavesBefore(Fact):
    """She will have left when the group begins."""

    last_day: date


class LeavesBeforeTheRest(Fact):
    """She will have left when the group meets the next time."""

    last_day: date


class StaysOn(Fact):
    """She was to leave, or had left, and HR has taken that back."""


class ExcludedByCompleted(Fact):
    """The programme is not for those who have completed another one, or itself."""

    programme: str


class TooLateForGroup(Fact):
    """The group has had a session that she must attend, or has it so soon that she could not answer in time."""


class MissedRequired(Fact):
    """She missed a part of the programme that nobody may miss."""

    module: LocalisedText


class Retired(Fact):
    """The programme has been brought to an end."""


class ModuleRemoved(Fact):
    """The session belongs to a part that the programme does not have any more."""


class SessionTakenBack(Fact):
    """The session was added by a change that has been taken back."""


Why = (
    AppointedTo
    | MatchedAudience
    | Nominated
    | LeftEmployment
    | NoLongerEligible
    | OnLeave
    | OwnManagerInGroup
    | DepartmentShareReached
    | TooLittleAttendance
    | DeclinedByHer
    | NotAnsweredInTime
    | NominatedByManager
    | AskedAgain
    | PutFirst
    | BackFromLeave
    | GroupCancelled
    | NotInTheseUnits
    | HasNotCompleted
    | SessionClash
    | OtherLanguage
    | AwaitingApproval
    | NotApproved
    | OfferTakenBack
    | WithdrawnByOffice
    | GoneToNextProgramme
    | PromotedOut
    | LeftPost
    | SucceededInPost
    | SwappedGroups
    | TooFewHours
    | MissedRequired
    | Retired
    | PutBack
    | LeavesBefore
    | LeavesBeforeTheRest
    | StaysOn
    | ExcludedByCompleted
    | TooLateForGroup
    | ModuleRemoved
    | SessionTakenBack
    | BackInPost
    | HolderIsBack
    | ApproverSilent
    | ApproverUnreachable
    | ApproverChanged
    | ApprovalNotNeeded
)

LEVEL_SV: dict[Level, str] = {
    "none": "medarbetare",
    "potential": "potentiell chef",
    "first_line": "första linjens chef",
    "middle": "mellanchef",
    "senior": "förvaltningschef",
    "executive": "medlem i ledningsgruppen",
}
LEVEL_EN: dict[Level, str] = {
    "none": "an employee without managerial duties",
    "potential": "a potential manager",
    "first_line": "a first-line manager",
    "middle": "a middle manager",
    "senior": "a head of administration",
    "executive": "a member of the executive group",
}


def said(why: Why) -> Reason:
    """The reason as programs (code) and people (text) read it."""
    sv, en = _text(why)
    return Reason(code=type(why).__name__, text=LocalisedText(sv=sv, en=en))


@singledispatch
def _text(why: Fact) -> tuple[str, str]:
    if type(why) in PLAIN:
        return PLAIN[type(why)]
    raise TypeError(f"{type(why).__name__} has no text yet: add it to rules/reasons.py")


PLAIN: dict[type[Fact], tuple[str, str]] = {
    NominatedByManager: (
        "Din chef har nominerat dig till programmet.",
        "Your line manager has nominated you for the programme.",
    ),
    AskedAgain: (
        "Du ville stå kvar i kön.",
        "You wanted to stay in the queue.",
    ),
    PutFirst: (
        "Programkontoret har satt dig före andra i kön.",
        "The programme office has put you before others in the queue.",
    ),
    BackFromLeave: (
        "Du är tillbaka efter en ledighet och fortsätter i en senare grupp. Det du redan har deltagit i räknas.",
        "You are back from leave and go on in a later group. What you have already attended counts.",
    ),
    GroupCancelled: (
        "Din grupp är inställd. Du står bland de första i kön till nästa.",
        "Your group has been cancelled. You are among the first in line for the next.",
    ),
    NotInTheseUnits: (
        "Programmet är till för andra delar av organisationen än den där du arbetar.",
        "The programme is for other parts of the organisation than the one where you work.",
    ),
    AwaitingApproval: (
        "Vi väntar på svar på frågan om du kan delta.",
        "We are waiting to hear whether you may attend.",
    ),
    ApproverSilent: (
        "Den som fick frågan svarade inte i tid.",
        "Whoever was asked did not answer in time.",
    ),
    ApproverUnreachable: (
        "Frågan kunde inte nå den som skulle svara.",
        "The question could not reach whoever was to answer it.",
    ),
    ApproverChanged: (
        "Det är någon annan som ska svara nu.",
        "It is for somebody else to answer now.",
    ),
    ApprovalNotNeeded: (
        "Programmet kräver inte längre något godkännande.",
        "The programme does not ask for approval any more.",
    ),
    NotApproved: (
        "Svaret på frågan om du kan delta blev nej den här gången.",
        "The answer to whether you may attend was no this time.",
    ),
    OfferTakenBack: (
        "Programkontoret har tagit tillbaka erbjudandet. Du behåller din plats i kön.",
        "The programme office has taken the offer back. You keep your place in the queue.",
    ),
    WithdrawnByOffice: (
        "Programkontoret har avslutat din plats.",
        "The programme office has ended your place.",
    ),
    LeftPost: (
        "Platsen hör till den tjänst som du har lämnat.",
        "The place belongs to the post that you have left.",
    ),
    SucceededInPost: (
        "Du har tagit över en tjänst som har en plats i programmet.",
        "You have taken over a post that has a place in the programme.",
    ),
    BackInPost: (
        "Du är tillbaka efter en ledighet och fortsätter i din grupp, där tjänstens plats är din igen.",
        "You are back from leave and go on in your group, where the place of your post is yours again.",
    ),
    HolderIsBack: (
        "Platsen hör till en tjänst, och den som har tjänsten är tillbaka efter en ledighet.",
        "The place belongs to a post, and whoever holds the post is back from leave.",
    ),
    SwappedGroups: (
        "Du och en kollega har bytt grupp med varandra.",
        "You and a colleague have exchanged groups.",
    ),
    StaysOn: (
        "Du stannar kvar i tjänst och står därför i kön igen.",
        "You stay in employment after all and so wait in the queue again.",
    ),
    PutBack: (
        "Programkontoret har satt tillbaka dig där du stod i kön.",
        "The programme office has put you back where you stood in the queue.",
    ),
    TooLateForGroup: (
        "Gruppen har redan haft en träff som du behöver delta i, eller har den mycket snart.",
        "The group has already had a session that you need to attend, or has it very soon.",
    ),
    Retired: (
        "Programmet har avslutats.",
        "The programme has been brought to an end.",
    ),
    ModuleRemoved: (
        "Träffen ingår inte längre i programmet.",
        "The session is no longer part of the programme.",
    ),
    SessionTakenBack: (
        "Den extra träffen har tagits bort igen.",
        "The extra session has been taken away again.",
    ),
}
"""Reasons that say the same whoever it is about."""


@_text.register
def _(why: AppointedTo) -> tuple[str, str]:
    return (
        f"Du är {LEVEL_SV[why.level]} sedan {in_words(why.since, 'sv')}.",
        f"You have been {LEVEL_EN[why.level]} since {in_words(why.since, 'en')}.",
    )


@_text.register
def _(why: MatchedAudience) -> tuple[str, str]:
    return (
        f"Programmet är till för dig som är {LEVEL_SV[why.level]}.",
        f"The programme is for everybody who is {LEVEL_EN[why.level]}.",
    )


@_text.register
def _(_why: Nominated) -> tuple[str, str]:
    return "Du har blivit nominerad till programmet.", "You have been nominated for the programme."


@_text.register
def _(_why: LeftEmployment) -> tuple[str, str]:
    return "Din anställning har upphört.", "Your employment has ended."


@_text.register
def _(why: NoLongerEligible) -> tuple[str, str]:
    return (
        f"Du är nu {LEVEL_SV[why.level]}, och programmet är till för andra roller.",
        f"You are now {LEVEL_EN[why.level]}, and the programme is for other roles.",
    )


@_text.register
def _(why: OnLeave) -> tuple[str, str]:
    if why.until is None:
        return "Du är ledig tills vidare.", "You are on leave until further notice."
    return (
        f"Du är ledig till och med {in_words(why.until, 'sv')}.",
        f"You are on leave until {in_words(why.until, 'en')}.",
    )


@_text.register
def _(_why: OwnManagerInGroup) -> tuple[str, str]:
    return (
        "I gruppen finns redan din chef eller någon som du är chef för, och ni ska inte gå tillsammans.",
        "Your manager, or somebody you manage, is already in the group, and you should not attend together.",
    )


@_text.register
def _(why: DepartmentShareReached) -> tuple[str, str]:
    return (
        f"Gruppen ska vara blandad och har redan så många från din förvaltning som den får ha ({why.limit}).",
        f"The group is to be mixed and already has as many from your department as it may have ({why.limit}).",
    )


@_text.register
def _(why: TooLittleAttendance) -> tuple[str, str]:
    return (
        f"Du var med på {why.attended} av {why.sessions} träffar, och programmet kräver fler.",
        f"You attended {why.attended} of {why.sessions} sessions, and the programme asks for more.",
    )


@_text.register
def _(why: TooFewHours) -> tuple[str, str]:
    return (
        f"Du var med {_number(why.attended, 'sv')} av {_number(why.hours, 'sv')} timmar, och programmet kräver fler.",
        f"You attended {_number(why.attended, 'en')} of {_number(why.hours, 'en')} hours, and the programme asks for"
        " more.",
    )


@_text.register
def _(_why: DeclinedByHer) -> tuple[str, str]:
    return "Du har tackat nej.", "You have declined."


@_text.register
def _(_why: NotAnsweredInTime) -> tuple[str, str]:
    return "Du svarade inte i tid.", "You did not answer in time."


@_text.register
def _(why: HasNotCompleted) -> tuple[str, str]:
    return (
        f"Programmet bygger på ett annat ({why.programme}) som du inte har gått klart.",
        f"The programme builds on another one ({why.programme}) that you have not completed.",
    )


@_text.register
def _(why: SessionClash) -> tuple[str, str]:
    return (
        f"Du har en träff i ett annat program ({why.programme}) samtidigt, den {in_words(why.on, 'sv')}.",
        f"You have a session in another programme ({why.programme}) at the same time, on {in_words(why.on, 'en')}.",
    )


@_text.register
def _(why: OtherLanguage) -> tuple[str, str]:
    if why.language == "sv":
        return "Gruppen hålls på svenska.", "The group is held in Swedish."
    return "Gruppen hålls på engelska.", "The group is held in English."


@_text.register
def _(why: GoneToNextProgramme) -> tuple[str, str]:
    return (
        f"Du har fått en ny roll och går vidare till programmet {why.programme.sv}.",
        f"You have a new role and go on in the programme {why.programme.en}.",
    )


@_text.register
def _(why: PromotedOut) -> tuple[str, str]:
    return (
        f"Du är nu {LEVEL_SV[why.level]}, och programmet är till för den roll som du hade.",
        f"You are now {LEVEL_EN[why.level]}, and the programme is for the role that you had.",
    )


@_text.register
def _(why: ExcludedByCompleted) -> tuple[str, str]:
    return (
        f"Du har gått klart {why.programme}, och därför är programmet inte till för dig.",
        f"You have completed {why.programme}, and so this programme is not for you.",
    )


@_text.register
def _(why: LeavesBeforeTheRest) -> tuple[str, str]:
    return (
        f"Din sista dag är {in_words(why.last_day, 'sv')}, innan gruppen träffas nästa gång.",
        f"Your last day is {in_words(why.last_day, 'en')}, before the group meets the next time.",
    )


@_text.register
def _(why: LeavesBefore) -> tuple[str, str]:
    return (
        f"Din sista dag är {in_words(why.last_day, 'sv')}, innan gruppen börjar.",
        f"Your last day is {in_words(why.last_day, 'en')}, before the group begins.",
    )


@_text.register
def _(why: MissedRequired) -> tuple[str, str]:
    return (
        f"Du var inte med på {why.module.sv}, som alla behöver delta i.",
        f"You did not attend {why.module.en}, which everybody needs to take part in.",
    )


def _number(number: float, language: str) -> str:
    return str(format_decimal(number, format="0.##", locale="sv_SE" if language == "sv" else "en_GB"))


@lru_cache(maxsize=4096)  # babel reads its pattern anew each time: a third of the time of a staff change
def in_words(day: date, language: str) -> str:
    """A day as people read it, in one of our languages."""
    return str(format_date(day, format="d MMMM y", locale="sv_SE" if language == "sv" else "en_GB"))
