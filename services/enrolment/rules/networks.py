"""Those who completed a programme together, whom to ask for them, and who chose to be on the list of all."""

from collections.abc import Iterable
from datetime import datetime

from services.enrolment.model import Cohort, Employee, Network
from services.enrolment.rules.refusal import Refusal, conflict
from shared.events.enrolment import NetworkChanged, NetworkFormed


def network_id(cohort_id: str) -> str:
    """Where the network of a cohort is kept."""
    return f"network:{cohort_id}"


def form(cohort: Cohort, members: Iterable[str], now: datetime) -> tuple[Network, NetworkFormed]:
    """Those who completed the cohort are a network from now on; the first of them is its contact until another is."""
    people = tuple(sorted(members))
    network = Network(
        id=network_id(cohort.id),
        cohort_id=cohort.id,
        programme=cohort.programme,
        title=cohort.content.title.localised(),
        members=people,
        contact=people[0],
        formed_at=now,
    )
    formed = NetworkFormed(
        version=1, network_id=network.id, cohort_id=cohort.id, members=people, contact=network.contact
    )
    return network, formed


def join(network: Network, members: Iterable[str]) -> tuple[Network, NetworkChanged] | None:
    """These belong to it, too; nothing if all of them do already."""
    people = tuple(sorted({*network.members, *members}))
    return None if people == network.members else _changed(network, people, network.contact or people[0])


def leave(network: Network, employee_id: str) -> tuple[Network, NetworkChanged] | None:
    """She belongs to it no longer; was she the contact, the first of the others is. Nothing if she did not belong."""
    if employee_id not in network.members:
        return None
    people = tuple(one for one in network.members if one != employee_id)
    contact = network.contact if network.contact in people else next(iter(people), None)
    return _changed(network, people, contact)


def choose_contact(network: Network, employee_id: str) -> tuple[Network, NetworkChanged] | Refusal | None:
    """She is the one to ask for the network; nothing if she is already."""
    if employee_id not in network.members:
        return conflict("not-in-network", f"{employee_id} does not belong to {network.id}: choose one of its members")
    return None if network.contact == employee_id else _changed(network, network.members, employee_id)


def _changed(network: Network, members: tuple[str, ...], contact: str | None) -> tuple[Network, NetworkChanged]:
    after = network.having(version=network.version + 1, members=members, contact=contact)
    changed = NetworkChanged(
        version=after.version, network_id=after.id, cohort_id=after.cohort_id, members=members, contact=contact
    )
    return after, changed


def join_alumni(employee: Employee, now: datetime) -> Employee | Refusal:
    """She chooses to be on the list of all who have completed a programme; once on it, she stays since when she was."""
    if employee.left or employee.record is None:
        return conflict("not-employed", f"{employee.id} is not employed: the list is for those who are")
    if not employee.completed:
        return conflict("nothing-completed", f"{employee.id} has not completed a programme yet: the list is for after")
    return employee if employee.alumni_since else employee.having(alumni_since=now)


def leave_alumni(employee: Employee) -> Employee:
    """She is not on the list any more."""
    return employee.having(alumni_since=None)
