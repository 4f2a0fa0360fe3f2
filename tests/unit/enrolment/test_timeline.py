"""What somebody's timeline tells of what is kept about her."""

from datetime import date, timedelta

from services.enrolment.model import Approval, Attendance, CareerNote, Correction, Credit, Network, Skip
from services.enrolment.rules import places
from services.enrolment.rules.reasons import DepartmentShareReached, MatchedAudience, said
from services.enrolment.timeline import SAYS, timeline
from shared.events.base import LocalisedText
from tests.unit.enrolment.arrange import NOW, a_cohort, a_place, an_employee

DAY = timedelta(days=1)
SHARE = said(DepartmentShareReached(limit=2))
PRESENT, ABSENT = Attendance(kind="present", hours=6), Attendance(kind="absent", hours=0)


def test_decisions_about_a_place_come_in_their_order_even_in_one_moment() -> None:
    moments = timeline(an_employee(), [a_place("confirmed")], [], [])
    assert [moment.kind for moment in moments] == ["queued", "offered", "confirmed"]
    assert {moment.at for moment in moments} == {NOW}


def test_every_moment_says_what_it_is_about_in_both_languages() -> None:
    queued, offered = timeline(an_employee(), [a_place("offered")], [], [])
    assert queued.text == LocalisedText(
        sv="Du står i kö till Ny som chef.", en="You are in the queue for New as a manager."
    )
    assert (queued.reason and queued.reason.code, queued.cohort) == ("Nominated", None)
    assert (offered.programme, offered.cohort, offered.place_id) == ("FLC", "FLC-1", "FLC:E1:1")


def test_being_passed_over_is_told_with_the_reason() -> None:
    skip = Skip(at=NOW + DAY, cohort_id="FLC-1", reason=SHARE)
    moment = timeline(an_employee(), [a_place().having(skips=(skip,))], [], [])[-1]
    assert (moment.kind, moment.cohort, moment.reason) == ("skipped", "FLC-1", SHARE)


def test_an_approval_is_told_when_it_is_asked_for_and_when_it_is_given() -> None:
    asked = Approval(approver_id="E9", asked_at=NOW + DAY)
    given = asked.model_copy(update={"state": "approved", "decided_at": NOW + 2 * DAY})
    kinds = [
        [moment.kind for moment in timeline(an_employee(), [a_place().having(approval=approval)], [], [])][1:]
        for approval in (asked, given)
    ]
    assert kinds == [["approval_requested"], ["approval_requested", "approval_approved"]]


def test_each_decision_names_the_group_that_it_was_about() -> None:
    offered = a_place("offered")
    taken_back = places.take_back(offered, a_cohort(), NOW + DAY)
    assert isinstance(taken_back, places.Taken)
    elsewhere = a_cohort().having(id="FLC-2")
    again = places.offer(taken_back.place, elsewhere, "https://example/o/2", NOW + 9 * DAY, NOW + 2 * DAY)
    assert isinstance(again, places.Taken)
    moments = timeline(an_employee(), [again.place], [], [])
    assert [(moment.kind, moment.cohort) for moment in moments] == [
        ("queued", None),
        ("offered", "FLC-1"),
        ("queued", None),
        ("offered", "FLC-2"),
    ]


def test_whoever_has_credit_for_a_session_does_not_read_that_she_missed_it() -> None:
    cohort = a_cohort()
    held = cohort.sessions[0].model_copy(update={"attendance": {"E1": ABSENT}})
    cohort = cohort.having(sessions=(held, *cohort.sessions[1:]))
    credit = Credit(module="M1", session_id="FLC-0:M1", cohort_id="FLC-0", hours=6)
    told = timeline(an_employee(), [a_place("confirmed").having(credits=(credit,))], [cohort], [])[-1]
    assert (told.kind, told.text.en) == (
        "excused",
        "You did not need to attend the session The mission: you have already been through that part.",
    )


def test_a_correction_of_attendance_is_told_only_to_whom_it_concerns() -> None:
    cohort = a_cohort()
    held = cohort.sessions[0].model_copy(
        update={
            "attendance": {"E1": ABSENT, "E2": PRESENT},
            "corrections": (Correction(at=cohort.sessions[0].ends_at + DAY, before={"E1": PRESENT, "E2": PRESENT}),),
        }
    )
    cohort = cohort.having(sessions=(held, *cohort.sessions[1:]))
    told = {who: timeline(an_employee(who), [], [cohort], []) for who in ("E1", "E2")}
    assert [moment.kind for moment in told["E1"]] == ["attended", "attendance_corrected"]
    assert told["E1"][1].text.en == "The attendance was corrected. You were not at the session The mission."
    assert [moment.kind for moment in told["E2"]] == ["attended"]


def test_what_changed_in_her_work_and_what_lives_on_stand_among_the_rest_in_order_of_time() -> None:
    note = CareerNote(at=NOW - DAY, on=date(2026, 8, 31), what=said(MatchedAudience(level="first_line")))
    employee = an_employee().having(career=(note,), alumni_since=NOW + 9 * DAY)
    network = Network(
        id="network:FLC-1",
        cohort_id="FLC-1",
        programme="FLC",
        title=LocalisedText(sv="Ny som chef", en="New as a manager"),
        members=("E1",),
        formed_at=NOW + 8 * DAY,
    )
    others = network.having(id="network:FLC-2", members=("E2",))
    moments = timeline(employee, [a_place()], [], [network, others])
    assert [moment.kind for moment in moments] == ["career", "queued", "network", "alumni"]


def test_no_two_moments_have_one_name() -> None:
    skips = tuple(Skip(at=NOW, cohort_id=f"FLC-{number}", reason=SHARE) for number in (1, 2))
    asked = Approval(approver_id="E9", asked_at=NOW)
    hers = [
        a_place("confirmed").having(skips=skips, approval=asked),
        a_place("confirmed").having(id="FLC:E1:2", skips=skips, approval=asked),
    ]
    moments = timeline(an_employee(), hers, [], [])
    assert len({moment.moment_id for moment in moments}) == len(moments) == 12


def test_every_text_names_one_thing_in_both_languages_or_in_neither() -> None:
    assert all(sv.count("{}") == en.count("{}") <= 1 for sv, en in SAYS.values())
