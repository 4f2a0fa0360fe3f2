"""Why something was decided about a person: each reason a type, and its Swedish and English in one place."""

from datetime import date
from functools import lru_cache, singledispatch

from babel.dates import format_date

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
    raise TypeError(f"{type(why).__name__} has no text yet: add it to rules/reasons.py")


@_text.register
def _(why: AppointedTo) -> tuple[str, str]:
    return (
        f"Du är {LEVEL_SV[why.level]} sedan {_day(why.since, 'sv')}.",
        f"You have been {LEVEL_EN[why.level]} since {_day(why.since, 'en')}.",
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
    return f"Du är ledig till och med {_day(why.until, 'sv')}.", f"You are on leave until {_day(why.until, 'en')}."


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
def _(_why: DeclinedByHer) -> tuple[str, str]:
    return "Du har tackat nej.", "You have declined."


@_text.register
def _(_why: NotAnsweredInTime) -> tuple[str, str]:
    return "Du svarade inte i tid.", "You did not answer in time."


@lru_cache(maxsize=4096)  # babel reads its pattern anew each time: a third of the time of a staff change
def _day(day: date, language: str) -> str:
    return str(format_date(day, format="d MMMM y", locale="sv_SE" if language == "sv" else "en_GB"))
