"""What people are already expected at, across programmes."""

from datetime import date, time, timedelta

from services.enrolment.commands import cohorts, engagements, programmes, seats
from services.enrolment.model import Cohort
from services.enrolment.store import EnrolmentTransaction
from tests.flow.enrolment.office import Office
from tests.unit.enrolment.arrange import the_file


async def in_two_programmes(office: Office) -> None:
    """Four people who have said yes to FLC, and are offered a seat in SEN, which begins a week later."""
    await office.everybody_accepts(4)

    async def second(tx: EnrolmentTransaction) -> None:
        await programmes.apply(tx, the_file(code="SEN", audience={"excludes_completed": ()}))

    async def composed(tx: EnrolmentTransaction) -> None:
        scheduled = await cohorts.schedule(
            tx,
            "SEN-1",
            "SEN",
            first_day=date(2026, 10, 27),
            start=time(9),
            location="Sal C",
        )
        assert isinstance(scheduled, Cohort)
        await seats.compose(tx, "SEN-1", 1)

    await office.service.delivery.run(second)
    await office.service.delivery.run(composed)


async def test_somebody_is_expected_at_the_coming_sessions_of_all_her_programmes(office: Office) -> None:
    await in_two_programmes(office)

    async def expected(tx: EnrolmentTransaction) -> list[str]:
        employee = await tx.employees.get("E0")
        assert employee
        return [one.session.session_id for one in await engagements.sessions_of(tx, employee)]

    assert await office.service.delivery.run(expected) == ["FLC-1:M1", "SEN-1:M1", "FLC-1:M2", "SEN-1:M2"]
    await office.records("M1", "E0")
    assert "FLC-1:M1" not in await office.service.delivery.run(expected)


async def test_a_session_that_would_move_onto_another_programmes_clashes_for_those_who_are_in_both(
    office: Office,
) -> None:
    await in_two_programmes(office)

    async def clash(tx: EnrolmentTransaction) -> dict[str, list[str]]:
        cohort, other = await tx.cohorts.get("FLC-1"), await tx.cohorts.get("SEN-1")
        assert cohort
        assert other
        start = other.sessions[0].starts_at + timedelta(hours=1)
        moved = cohort.sessions[0].model_copy(update={"starts_at": start, "ends_at": start + timedelta(hours=3)})
        found = await engagements.whom_it_clashes_for(tx, cohort, moved)
        return {who: [one.session.session_id for one in them] for who, them in found.items()}

    assert await office.service.delivery.run(clash) == {f"E{number}": ["SEN-1:M1"] for number in range(4)}


async def test_a_session_that_stays_where_it_is_clashes_with_nothing_of_its_own_group(office: Office) -> None:
    await office.everybody_accepts(4)

    async def clash(tx: EnrolmentTransaction) -> object:
        cohort = await tx.cohorts.get("FLC-1")
        assert cohort
        return await engagements.whom_it_clashes_for(tx, cohort, cohort.sessions[0])

    assert await office.service.delivery.run(clash) == {}
