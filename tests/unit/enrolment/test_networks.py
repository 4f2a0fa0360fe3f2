"""Networks: who belongs, whom to ask, and the list of all alumni."""

from hypothesis import given
from hypothesis import strategies as st

from services.enrolment.model import Employee, Network
from services.enrolment.rules import networks
from services.enrolment.rules.refusal import Refusal
from shared.events.enrolment import NetworkChanged
from tests.unit.enrolment.arrange import NOW, a_cohort, an_employee

PEOPLE = st.sets(st.sampled_from([f"E{number}" for number in range(6)]), min_size=1)


def a_network(*members: str) -> Network:
    """The network of a cohort."""
    return networks.form(a_cohort(), members or ("E2", "E1", "E3"), NOW)[0]


def test_those_who_completed_are_a_network_whose_first_is_its_contact() -> None:
    network, formed = networks.form(a_cohort(), ["E2", "E1"], NOW)
    assert (network.id, network.members, network.contact) == ("network:FLC-1", ("E1", "E2"), "E1")
    assert (formed.members, formed.contact, formed.version) == (("E1", "E2"), "E1", network.version)


def test_the_contact_who_leaves_hands_over_to_the_first_of_the_others() -> None:
    changed = networks.leave(a_network(), "E1")
    assert changed
    assert (changed[0].members, changed[0].contact) == (("E2", "E3"), "E2")


def test_another_who_leaves_leaves_the_contact_as_it_is() -> None:
    changed = networks.leave(a_network(), "E3")
    assert changed
    assert (changed[0].members, changed[0].contact) == (("E1", "E2"), "E1")


def test_the_last_one_leaves_a_network_without_contact_that_a_latecomer_takes_up() -> None:
    changed = networks.leave(a_network("E1"), "E1")
    assert changed
    assert (changed[0].members, changed[0].contact) == ((), None)
    joined = networks.join(changed[0], ["E5"])
    assert joined
    assert (joined[0].members, joined[0].contact) == (("E5",), "E5")


def test_whoever_does_not_belong_leaves_nothing_and_whoever_belongs_joins_nothing() -> None:
    assert networks.leave(a_network(), "E9") is None
    assert networks.join(a_network(), ["E1", "E2"]) is None


def test_a_latecomer_joins_and_the_contact_stays() -> None:
    changed = networks.join(a_network("E2"), ["E1"])
    assert changed
    assert (changed[0].members, changed[0].contact) == (("E1", "E2"), "E2")


def test_only_a_member_is_the_contact() -> None:
    refusal = networks.choose_contact(a_network(), "E9")
    assert isinstance(refusal, Refusal)
    assert refusal.slug == "not-in-network"


def test_whoever_is_the_contact_already_is_not_announced_anew() -> None:
    assert networks.choose_contact(a_network(), "E1") is None


@given(PEOPLE, st.lists(st.tuples(st.booleans(), st.sampled_from([f"E{number}" for number in range(6)]))))
def test_the_contact_is_always_a_member_and_every_change_has_its_version(
    members: set[str], steps: list[tuple[bool, str]]
) -> None:
    network = a_network(*members)
    for joins, who in steps:
        before = network
        changed = networks.join(network, [who]) if joins else networks.leave(network, who)
        if changed:
            network, event = changed
            assert isinstance(event, NetworkChanged)
            stands = (network.version, network.members, network.contact)
            assert (event.version, event.members, event.contact) == stands
            assert network.version == before.version + 1
        assert (network.contact in network.members) if network.members else network.contact is None
        assert (who in network.members) == joins


def alumna(**changes: object) -> Employee:
    """Somebody who has completed a programme."""
    return an_employee().having(**{"completed": ("FLC",)} | changes)


def test_whoever_has_completed_a_programme_may_choose_to_be_on_the_list() -> None:
    joined = networks.join_alumni(alumna(), NOW)
    assert isinstance(joined, Employee)
    assert joined.alumni_since == NOW
    assert networks.leave_alumni(joined).alumni_since is None


def test_whoever_is_on_the_list_stays_since_when_she_was() -> None:
    early = NOW.replace(year=2020)
    joined = networks.join_alumni(alumna(alumni_since=early), NOW)
    assert isinstance(joined, Employee)
    assert joined.alumni_since == early


def test_whoever_has_completed_nothing_or_has_left_is_not_put_on_the_list() -> None:
    slugs = [networks.join_alumni(each, NOW) for each in (alumna(completed=()), alumna(left=True), Employee(id="E1"))]
    assert [each.slug for each in slugs if isinstance(each, Refusal)] == [
        "nothing-completed",
        "not-employed",
        "not-employed",
    ]
