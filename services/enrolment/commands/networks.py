"""Networks: formed when a cohort is over, kept in step with who works here; and the list of all alumni."""

from collections.abc import Iterable

from services.enrolment.model import Cohort, Employee, Network
from services.enrolment.rules import networks
from services.enrolment.rules.refusal import Refusal, unknown
from services.enrolment.store import EnrolmentTransaction


async def form(tx: EnrolmentTransaction, cohort: Cohort, completed: Iterable[str]) -> None:
    """Those who completed the cohort are a network, as far as they work here still; later ones join it."""
    people = await tx.employees.get_many(completed)
    here = [employee_id for employee_id, employee in people.items() if not employee.left]
    network = await tx.networks.get(networks.network_id(cohort.id))
    if network is None:
        tx.save(*(networks.form(cohort, here, tx.now) if here else ()))
    elif changed := networks.join(network, here):
        tx.save(*changed)


async def choose_contact(tx: EnrolmentTransaction, network_id: str, employee_id: str) -> Network | Refusal:
    """The office or the members say whom to ask for the network."""
    network = await tx.networks.get(network_id)
    if network is None:
        return unknown("network", network_id)
    changed = networks.choose_contact(network, employee_id)
    if changed is None or isinstance(changed, Refusal):
        return changed or network
    tx.save(*changed)
    return changed[0]


async def person_left(tx: EnrolmentTransaction, employee_id: str) -> None:
    """She does not work here any more: she leaves her networks and the list of alumni; contacts are handed over."""
    for network in await tx.networks.find({"members": employee_id}, sort=[("_id", 1)]):
        if changed := networks.leave(network, employee_id):
            tx.save(*changed)
    employee = await tx.employees.get(employee_id)
    if employee and employee.alumni_since:
        tx.save(networks.leave_alumni(employee))


async def join_alumni(tx: EnrolmentTransaction, employee_id: str) -> Employee | Refusal:
    """She chooses to be on the list of all who have completed a programme."""
    employee = await tx.employees.get(employee_id)
    if employee is None:
        return unknown("employee", employee_id)
    after = networks.join_alumni(employee, tx.now)
    return after if isinstance(after, Refusal) else _kept(tx, employee, after)


async def leave_alumni(tx: EnrolmentTransaction, employee_id: str) -> Employee | Refusal:
    """She chooses not to be on it."""
    employee = await tx.employees.get(employee_id)
    return _kept(tx, employee, networks.leave_alumni(employee)) if employee else unknown("employee", employee_id)


def _kept(tx: EnrolmentTransaction, before: Employee, after: Employee) -> Employee:
    if after != before:
        tx.save(after)
    return after
