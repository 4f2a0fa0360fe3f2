"""A year in which all is well, for the judges to judge: everything befalls somebody, and has its consequence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import yaml

from deploy.ctl.standing import Ledger
from deploy.sample import staff
from deploy.sample.careers import expected
from deploy.sample.diary import Diary
from deploy.sample.facts import Facts
from deploy.sample.invitations import Revision
from deploy.sample.mailbox import Mail
from deploy.sample.moments import at
from deploy.sample.municipality import Municipality, found
from deploy.sample.office import programme_text
from deploy.sample.organisation import VILLAGE
from deploy.sample.people import Submission
from deploy.sample.plan import (
    Alteration,
    Census,
    Fate,
    Favour,
    FileImport,
    Group,
    Grouping,
    Move,
    Plan,
    Reorganisation,
    Rewording,
    Swap,
)
from deploy.sample.promises import RULES
from deploy.sample.registers import SAME
from deploy.sample.watch import Watch

BEGINS = datetime(2026, 9, 29, 7, tzinfo=UTC)
ENDS = BEGINS + timedelta(hours=6)
MOMENT = datetime(2026, 9, 7, 10, tzinfo=UTC)
DAY = date(2026, 10, 20)
"""The day on which everything happens that the plan has in mind; so does its noon."""
NOON = datetime(2026, 10, 20, 10, tzinfo=UTC)
BACK = date(2026, 11, 16)
PEOPLE = [f"E{100_030 + number}" for number in range(6)]


Decision = dict[str, Any]


class SeenYear(Watch):
    """A watch that has seen a year in which nothing was wrong."""

    def __init__(self, seats: Mapping[str, str]) -> None:
        self.seats = {"C1": dict(seats)}
        self.left_at = {}
        self.overfull = []
        self.one_sided = []


def a_mail(number: int, town: Municipality, **changes: Any) -> Mail:
    mail = Mail(
        file=str(number),
        to=town.people[PEOPLE[0]].email,
        kind="invite",
        message_id=f"<{number}@kommun.example>",
        date=MOMENT,
        subject="",
        text="",
        calendar=None,
        content=str(number).encode(),
        seen=MOMENT,
    )
    return replace(mail, **changes)


def an_entry(employee_id: str, **changes: Any) -> Revision:
    entry = Revision(
        uid=f"u-{employee_id}",
        method="REQUEST",
        sequence=0,
        stamped=MOMENT,
        starts_at=BEGINS,
        ends_at=ENDS,
        location="Sal A",
        employee_id=employee_id,
        message_id=f"<{employee_id}@kommun.example>",
    )
    return replace(entry, **changes)


def a_submission(employee_id: str, *, after: bool, step: int) -> Submission:
    moment = ENDS + timedelta(days=1) if after else BEGINS - timedelta(days=1)
    items = [f"UM{number}" for number in range(1, 6)] + (["RX1"] if after else [])
    asked_at = moment if after else MOMENT
    return Submission(employee_id, asked_at, moment, "T1" if after else "T0", dict.fromkeys(items, str(step)))


def a_release(*figures: Mapping[str, Any]) -> dict[str, Any]:
    """The result of the group C1."""
    about = {"programme": "FLC", "title": {"sv": "Ny som chef", "en": "New as a manager"}}
    return {"release_id": "C1:T1:release", "cohort_id": "C1", "figures": list(figures)} | about


def a_belief(value: float) -> dict[str, float]:
    """What groups say together, give or take three."""
    return {"value": value, "low": value - 3, "high": value + 3}


def ledgers(**changed: int) -> dict[str, Ledger]:
    """A year in which HR published one change and one person leaving, and enrolment completed one place."""
    count = {"applied": 1, "enrolment_leaving": 1, "completed": 1} | changed
    completed = "enrolment.place.completed.v1"
    leaving = {"hr.employee.left.v1": {"held": 1}}
    changes = {"hr.employee.changed.v1": {"applied": 1}} | leaving
    counted = changes | {"hr.employee.changed.v1": {"applied": count["applied"]}}
    return {
        "enrolment": Ledger(
            inbox={"enrolment.hr": counted},
            outbox={
                completed: {"published": 1, "pending": 0},
                "enrolment.staff_import.held.v1": {"published": 2, "pending": 0},
            },
        ),
        "notifications": Ledger(
            inbox={"notifications.hr": changes, "notifications.enrolment": {completed: {"applied": 1}}}, outbox={}
        ),
        "evaluation": Ledger(
            inbox={"evaluation.hr": changes, "evaluation.enrolment": {completed: {"applied": count["completed"]}}},
            outbox={},
        ),
    }


def a_session() -> dict[str, Any]:
    return {
        "session_id": "C1:M1",
        "module": "M1",
        "starts_at": BEGINS.isoformat(),
        "ends_at": ENDS.isoformat(),
        "location": "Sal A",
        "cancelled": None,
        "attended": PEOPLE,
        "attendance": {who: {"kind": "present", "hours": 6} for who in PEOPLE}
        | {PEOPLE[4]: {"kind": "part", "hours": 2}},
        "corrections": [{"before": {PEOPLE[4]: {"kind": "absent", "hours": 0}}}],
    }


def a_completed_place(person: str) -> dict[str, Any]:
    return {
        "place_id": f"MLC:{person}:1",
        "programme": "MLC",
        "employee_id": person,
        "state": "completed",
        "reason": {"code": "MatchedAudience"},
        "cohort_id": "C1",
        "confirmed_at": MOMENT.isoformat(),
        "credits": [],
        "skips": [{"reason": {"code": "SessionClash", "text": {"sv": "Krock.", "en": "Clash."}}}],
        "offers": 1,
        "approval": {"state": "approved"},
        "position": None,
        "priority": 3,
        "history": [a_decision("confirmed", at=MOMENT, cohort_id="C1")],
    }


def a_decision(state: str, why: str | None = None, *, at: datetime = NOON, cohort_id: str | None = None) -> Decision:
    reason = {"code": why, "text": {"sv": why, "en": why}} if why else None
    return {"at": at.isoformat(), "state": state, "reason": reason, "cohort_id": cohort_id}


UNDONE = "2026-10-30T13:07:00+01:00"
REVISED = "revised/first_line"
WHY = {"sv": "Sjukdom.", "en": "Illness."}
FATES = (
    *(Fate(group, "promoted", DAY) for group in ("F", "P", "M")),
    *(Fate("F", what, DAY, BACK) for what in ("leaves", "stays", "rehired", "parental_leave")),
    *(Fate("F", what, DAY) for what in ("steps_down", "moves", "renamed", "succeeded")),
    Fate("MLC", "new_manager", DAY),
    Fate("MLC", "approver_away", DAY, BACK),
    Fate("staff", "mistaken", DAY),
    Fate("staff", "replaced", DAY, BACK),
)
PLAN = Plan(
    size=VILLAGE,
    until=date(2027, 2, 15),
    programmes=(),
    applied_on=date(2026, 8, 19),
    groups=tuple(
        Group(name, programme, DAY, composed, DAY, "09:00", "Sal A")
        for name, programme, composed in (
            ("F", "FLC", DAY),
            ("P", "POT", DAY),
            ("M", "MLC", DAY),
            ("F2", "FLC", date(2026, 12, 1)),
        )
    ),
    fates=FATES,
    moves=(Move("G", "M1", DAY, date(2026, 11, 3), "13:00", "Sal B"),),
    groupings=(Grouping("FLC", ("F", "F2"), DAY),),
    swaps=(Swap("F", "F2", DAY),),
    favours=tuple(
        Favour(what, "F", DAY) for what in ("put_first", "take_back", "withdraw", "correct", "contact", "alumni")
    ),
    files=(FileImport(DAY, "utf-8", ","),),
    reorganisations=tuple(Reorganisation(what, DAY) for what in ("renamed", "moved", "merged")),
    rewordings=(Rewording("G3", DAY, "Ett mål", "A goal", valid_to=date(2030, 12, 31)),),
    censuses=(
        Census(date(2026, 11, 11), lacking=0.4),
        Census(date(2026, 11, 12)),
        Census(date(2026, 11, 13), new_addresses=0.1),
    ),
    alterations=(
        Alteration(
            DAY, "reschedule_session", {"cohort_id": "G", "session_id": "G:M2", "starts_at": UNDONE[:19]}, "undone"
        ),
        Alteration(
            DAY, "reschedule_session", {"cohort_id": "G", "session_id": "G:M3", "starts_at": "2026-12-14T13:00:00"}
        ),
        Alteration(DAY, "change_place", {"cohort_id": "G", "location": "Sal B"}),
        Alteration(DAY, "set_facilitators", {"cohort_id": "G", "facilitators": ["Karin Holm"]}),
        Alteration(DAY, "cancel_session", {"cohort_id": "G", "session_id": "G:M4", "reason": WHY}),
        Alteration(
            DAY,
            "add_session",
            {"cohort_id": "G", "module": "X1", "starts_at": "2026-12-17T09:00:00", "location": "Sal B"},
        ),
        Alteration(DAY, "revise_programme", {"file": REVISED}),
        Alteration(DAY, "adopt_revision", {"cohort_id": "G"}),
        Alteration(DAY, "cancel_cohort", {"cohort_id": "G", "reason": WHY}, "dropped"),
        Alteration(DAY, "cancel_cohort", {"cohort_id": "OFF", "reason": WHY}),
        Alteration(DAY, "retire_programme", {"code": "POT"}),
    ),
)


class Story:
    """Lets everything befall the people of a town, and keeps what an outsider then sees."""

    def __init__(self) -> None:
        self.town, self.diary = found(1, VILLAGE), Diary()
        self.places = [a_completed_place(person) for person in PEOPLE]
        self.mails = [a_mail(1, self.town)]
        free = self.town.at_work(DAY, "first_line")
        self._free = iter(one.employee_id for one in free if one.employee_id not in PEOPLE)

    def tell(self) -> None:
        """All of it."""
        for group, ended in (("F", ""), ("P", "GoneToNextProgramme"), ("M", "PromotedOut")):
            self._promoted(group, ended)
        self._departures()
        self._absence()
        for what in ("steps_down", "moves", "renamed"):
            who = self._seated(what, "confirmed")
            self._change(what, who)
        self._succession()
        self._approvals()
        self._mistakes()

    def seat(self, who: str, programme: str, state: str, *history: Decision, **more: Any) -> dict[str, Any]:
        """One more place."""
        number = sum(place["employee_id"] == who for place in self.places) + 1
        place = a_completed_place(who) | {
            "place_id": f"{programme}:{who}:{number}",
            "programme": programme,
            "state": state,
            "cohort_id": "F",
            "history": [a_decision("confirmed", at=MOMENT, cohort_id="F"), *history],
            **more,
        }
        why = [one["reason"] for one in history if one["reason"]]
        self.places.append(place | ({"reason": why[-1]} if why else {}))
        return place

    def next_one(self) -> str:
        """Somebody to whom nothing has happened yet."""
        return next(self._free)

    def _seated(self, what: str, state: str, *history: Decision, programme: str = "FLC", **more: Any) -> str:
        who = self.next_one()
        place = self.seat(who, programme, state, *history, **more)
        self.diary.note(what, DAY, who, place_id=place["place_id"], cohort_id="F", until=BACK)
        return who

    def _promoted(self, group: str, ended: str) -> None:
        programme = {"F": "FLC", "P": "POT", "M": "MLC"}[group]
        gone = (a_decision("withdrawn", ended),) if ended else ()
        who = self._seated("promoted", "withdrawn" if ended else "confirmed", *gone, programme=programme)
        staff.appoint(self.town, self.town.people[who], "middle", DAY)
        if group == "P":
            self.seat(who, "FLC", "queued", history=[a_decision("queued", ended)])

    def _departures(self) -> None:
        self.town.leave(self._seated("leaves", "withdrawn", a_decision("withdrawn", "LeavesBefore")), BACK)
        stays = self._seated("stays", "confirmed")
        self.town.leave(stays, BACK)
        self.town.keep(stays, DAY + timedelta(days=3))
        back = self._seated("rehired", "withdrawn", a_decision("withdrawn", "LeftEmployment"))
        self.town.leave(back, DAY)
        self.town.rehire(back, BACK)
        self.seat(back, "FLC", "queued", history=[a_decision("queued", "StaysOn")])

    def _absence(self) -> None:
        back = a_decision("queued", "BackFromLeave", at=at(BACK, "09:00"))
        credit: dict[str, Any] = {"credits": [{"module": "M1"}], "offers": 2}
        who = self._seated("parental_leave", "queued", a_decision("paused", "OnLeave"), back, **credit)
        staff.go_on_leave(self.town, who, DAY)
        staff.come_back(self.town, who, BACK)
        self.absent = who

    def _change(self, what: str, who: str) -> None:
        match what:
            case "renamed":
                new = self.town.rename(who, "Silfverhjelm", DAY)
                self.mails.append(a_mail(2, self.town, to=new.email, date=NOON + timedelta(days=1)))
            case "moves":
                other = next(one for one in self.town.units if one != self.town.people[who].unit_id)
                self.town.change(who, DAY, unit_id=other)
            case _:
                staff.appoint(self.town, self.town.people[who], "none", DAY)

    def _succession(self) -> None:
        who, successor = self.next_one(), self.next_one()
        place = self.seat(who, "EXE", "withdrawn", a_decision("withdrawn", "LeftPost"), position="U1|senior")
        taken = a_decision("confirmed", "SucceededInPost")
        self.seat(successor, "EXE", "confirmed", taken, position="U1|senior")
        self.diary.note("succeeded", DAY, who, place_id=place["place_id"], successor=successor)

    def _approvals(self) -> None:
        for number, what in enumerate(("new_manager", "approver_away"), start=3):
            who, asked = self.next_one(), self.next_one()
            self.diary.note(what, DAY, who, waiting=[who], asked=asked)
            name = f"{self.town.people[who].given_name} {self.town.people[who].family_name}"
            to = self.town.people[asked].email
            self.mails.append(a_mail(number, self.town, to=to, kind="approval", subject=f"Får {name} gå?", date=NOON))
            if what == "new_manager":
                self.town.change(who, DAY, manager_id=asked)

    def _mistakes(self) -> None:
        who = self.next_one()
        self.seat(who, "FLC", "queued", history=[a_decision("queued", "AppointedTo")])
        self.diary.note("mistaken", DAY, who)
        self.diary.note("replaced", DAY, self.next_one())


def the_office(story: Story) -> dict[str, Any]:
    """What the office did, and how it shows."""
    note, group = story.diary.note, ["F", "F2"]
    sitting = [[story.next_one() for _ in range(2)] for _ in group]
    for cohort_id, people in zip(group, sitting, strict=True):
        for who in people:
            story.seat(who, "FLC", "confirmed", a_decision("offered", cohort_id=cohort_id))
    note(
        "grouping",
        DAY,
        proposal_id="P2",
        apart=[sitting[0][0], sitting[1][1]],
        exchanged=(sitting[1][0], sitting[0][0]),
    )
    for to in group:
        place = story.seat(story.next_one(), "FLC", "confirmed", a_decision("confirmed", "SwappedGroups", cohort_id=to))
        note("swap", DAY, place["employee_id"], place_id=place["place_id"], to=to)
    for what, state, why, more in (
        ("put_first", "queued", "PutFirst", {"priority": 2}),
        ("take_back", "queued", "OfferTakenBack", {"cohort_id": None}),
        ("withdraw", "withdrawn", "WithdrawnByOffice", {}),
    ):
        steps = (a_decision("offered", cohort_id="F"), a_decision(state, why))
        place = story.seat(story.next_one(), "FLC", state, *steps, **more)
        note(what, DAY, place["employee_id"], place_id=place["place_id"], cohort_id="F")
    note("correct", DAY, PEOPLE[4], cohort_id="C1", session_id="C1:M1")
    note("contact", DAY, PEOPLE[0], network_id="network:C1")
    for who, stays in ((PEOPLE[1], True), (PEOPLE[2], True), (PEOPLE[3], False)):
        note("alumni", DAY, who, stays=stays)
    groups = [{"cohort_id": one, "employees": people} for one, people in zip(group, sitting, strict=True)]
    return {
        "proposals": {"P1": {"state": "proposed", "groups": groups}, "P2": {"state": "accepted", "groups": groups}},
        "alumni": PEOPLE[1:3],
        "goals": {"G3": {"text": {"sv": "Ett mål"}, "valid_to": "2030-12-31"}},
    }


def the_registers(story: Story) -> dict[str, str]:
    """What HR did with units, snapshots and files; where those belong whose unit is not what it was."""
    town, departments = story.town, {}
    tops = [unit.unit_id for unit in town.units.values() if unit.parent_id is None]
    for number, what in enumerate(("renamed", "moved", "merged")):
        person = town.at_work(DAY, "none")[number * 30]
        before = town.top_of(person.unit_id)
        other = next(top for top in tops if top != before)
        changed = {"renamed": {"name": "Nytt"}, "moved": {"parent_id": other}, "merged": {"merged_into": other}}[what]
        town.reorganise(person.unit_id, **changed)
        after, who = town.top_of(person.unit_id), person.employee_id
        story.diary.note(what, DAY, unit=person.unit_id, people=[who], before=before, after=after)
        departments[who] = after
    for snapshot_id in ("S1", "S3"):
        shown: dict[str, Any] = {"expected": {"Missing": 9}, "found": {"Missing": 9}}
        story.diary.note("census", DAY, snapshot_id=snapshot_id, state="held", **shown)
    story.diary.note("file", DAY, faults=[(3, "level", True)], right=True, unchanged=SAME)
    return departments


def a_running_group() -> dict[str, Any]:
    """One whose sessions have been moved, cancelled and added."""
    starts = {
        "M1": at(date(2026, 11, 3), "13:00"),
        "M2": at(date(2026, 11, 10), "09:00"),
        "M3": at(date(2026, 12, 14), "13:00"),
        "M4": at(date(2026, 12, 15), "13:00"),
        "X1": at(date(2026, 12, 17), "09:00"),
    }
    sessions = [
        a_session()
        | {
            "session_id": f"G:{module}",
            "module": module,
            "starts_at": moment.isoformat(),
            "location": "Sal B",
            "cancelled": {"code": "x"} if module == "M4" else None,
            "held": False,
            "attended": None,
        }
        for module, moment in starts.items()
    ]
    whole = {"programme": "FLC", "revision": 2, "state": "composed", "facilitators": ["Karin Holm"], "members": []}
    return whole | {"sessions": sessions}


def changes() -> list[dict[str, Any]]:
    """All that the office proposed, as it ended."""
    return [{"state": one.ends, "command": dict(one.command) | {"starts_at": UNDONE}} for one in PLAN.alterations]


def careers(town: Municipality, people: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """What their timelines say, when they say what HR meant."""
    return {who: dict(expected(town.told[who], PLAN.until)) for who in people}


def a_good_year() -> Facts:
    story = Story()
    story.tell()
    office, departments = the_office(story), the_registers(story)
    town, figure = story.town, {"indicator": "UM.change", "n": 6, "value": 25.0, "low": 5.0, "high": 45.0}
    members = [{"employee_id": who, "place_id": f"MLC:{who}:1", "state": "completed"} for who in PEOPLE]
    paused = {"attended": [story.absent], "held": True} | {"session_id": "F:M1"}
    cohorts: dict[str, dict[str, Any]] = {
        "C1": {"sessions": [a_session()], "members": members, "state": "completed"},
        "F": {"sessions": [a_session() | paused], "members": [], "state": "composed"},
        "OFF": {"sessions": [], "members": [], "state": "cancelled"},
        "G": a_running_group(),
    }
    revised = programme_file_of(REVISED)
    seated = [place for place in story.places if place["state"] == "confirmed"]
    entries = {f"u-{person}": [an_entry(person)] for person in [*PEOPLE, *(one["employee_id"] for one in seated)]}
    return Facts(
        town=town,
        mails=story.mails,
        entries=entries,
        places=story.places,
        cohorts=cohorts,
        invitations=[{"session_id": "C1:M1", "employee_id": uid[2:], "round": 1, "uid": uid} for uid in entries],
        releases=[a_release(figure)],
        reports={"FLC": {"together": [{"indicator": "UM.change", "wave": "T1", "mean": a_belief(9.0)}]}},
        recommendations=[],
        ledgers=ledgers(),
        dead={"enrolment": 1, "notifications": 1, "evaluation": 1},
        published={"hr.employee.changed.v1": 2, "hr.employee.left.v1": 1},
        malformed={"hr.employee.changed.v1": 1},
        submissions=[a_submission(p, after=after, step=4 if after else 3) for p in PEOPLE for after in (False, True)],
        surprises=[],
        did={},
        watch=SeenYear(dict.fromkeys(PEOPLE, "completed")),
        plan=PLAN,
        changes=changes(),
        imports=[
            {"snapshot_id": f"S{number}", "state": state}
            for number, state in enumerate(("rejected", "applied", "applied"), start=1)
        ],
        networks=[{"network_id": "network:C1", "cohort_id": "C1", "members": PEOPLE, "contact": PEOPLE[0]}],
        register={who: a_registered(who, town) for who in town.people},
        diary=story.diary.entries,
        careers=careers(town, [entry.who for entry in story.diary.entries if entry.who]),
        departments=departments,
        programmes={"FLC": {"revision": 2, "modules": revised["modules"]}, "POT": {"retired": True}},
        **office,
    )


def a_registered(who: str, town: Municipality) -> dict[str, Any]:
    """Somebody as enrolment's register has her."""
    last_day = town.last_days.get(who)
    return {"left": bool(last_day and last_day < PLAN.until), "record": town.people[who].model_dump()}


def programme_file_of(file: str) -> dict[str, Any]:
    """One of the sample's programmes as it is written."""
    return dict(yaml.safe_load(programme_text(file)))


def broken(facts: Facts) -> list[str]:
    """The promises that do not hold, by name."""
    return [rule.__name__ for rule in RULES if rule(facts).held is False]
