"""Posts that seats belong to: a post is a level in a unit, whoever holds it.

HR tells about people and not about posts, so this is the nearest there is: the head of a unit is known by the unit and
by her level. Several people can hold what is then one post (two senior managers in one unit); each has a seat of her
own, and whoever succeeds one of them takes over the seat of that one. A unit that was merged is the one that it lives
on in, so that a merger takes no seat from anybody.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from services.enrolment.model import OPEN, Cohort, Employee, KeptSeat, Place
from services.enrolment.programme_file import ProgrammeFile
from services.enrolment.rules import audience
from services.enrolment.rules.organisation import Tree, lives_on_in
from services.enrolment.rules.reasons import AskedAgain, NotApproved, WithdrawnByOffice

BETWEEN = "|"
OTHERS_SAID_NO: Final = frozenset(why.__name__ for why in (WithdrawnByOffice, NotApproved))


def held_by(employee: Employee | None) -> str | None:
    """The post that she holds today; nothing if she is not employed."""
    if employee is None or employee.record is None or employee.left:
        return None
    return named(employee.record.unit_id, employee.record.level)


def named(unit_id: str, level: str) -> str:
    """The post at a level in a unit."""
    return f"{unit_id}{BETWEEN}{level}"


def unit_of(post: str) -> str:
    """The unit in which the post is."""
    return post.rpartition(BETWEEN)[0]


def level_of(post: str) -> str:
    """The level that the post is at."""
    return post.rpartition(BETWEEN)[2]


def is_same(one: str | None, other: str | None, units: Tree) -> bool:
    """Whether these are one post, as the organisation is now."""
    return one is not None and other is not None and _standing(one, units) == _standing(other, units)


def _standing(post: str, units: Tree) -> str:
    return named(lives_on_in(unit_of(post), units), level_of(post))


def kept_for(post: str, cohorts: Iterable[Cohort], units: Tree) -> tuple[Cohort, KeptSeat] | None:
    """The group that begins first of those that keep a seat for the post, and the seat: rather one whose holder has
    gone than one whose holder is away."""
    for cohort in sorted(cohorts, key=lambda each: (each.first_session.starts_at, each.id)):
        if goes_on(cohort) and (kept := seat_for(post, cohort, units)):
            return cohort, kept
    return None


def seat_for(post: str, cohort: Cohort, units: Tree) -> KeptSeat | None:
    """The seat that the group keeps for the post, if it does."""
    found = (kept for kept in cohort.reserved if is_same(kept.post, post, units))
    return min(found, key=lambda kept: kept.place_id is not None, default=None)


def may_succeed(she: Employee, hers: Sequence[Place], programme: ProgrammeFile, post: str, units: Tree) -> bool:
    """Whether she is given the seat of the post without being asked. `hers`: her places in the programme.

    Not who is away, has a seat or has been through the programme, whom it is not for, or about whom she herself or
    somebody else has said no as holder of this post. It must not matter which of HR's facts came first.
    """
    if she.on_leave or programme.code in she.completed or audience.hindrance(she, programme.audience, units):
        return False
    if any(place.state in OPEN - {"queued"} for place in hers):
        return False
    here = [place for place in hers if is_same(place.position, post, units)]
    no = any(place.state in {"declined", "expired"} or place.reason.code in OTHERS_SAID_NO for place in here)
    return not no or any(place.state == "queued" and place.reason.code == AskedAgain.__name__ for place in here)


def goes_on(cohort: Cohort) -> bool:
    """Whether the group has something to come that a successor could attend."""
    return cohort.state == "composed" and any(session.to_come for session in cohort.sessions)


def keep_seat(cohort: Cohort, place_id: str, kept: KeptSeat | None) -> Cohort:
    """The group without the holder of the place; her seat is kept, if there is a post to keep it for."""
    return cohort.having(
        version=cohort.version + 1,
        seats=tuple(seat for seat in cohort.seats if seat != place_id),
        reserved=(*cohort.reserved, kept) if kept else cohort.reserved,
    )


def give_seat(cohort: Cohort, place_id: str, kept: KeptSeat) -> Cohort:
    """The group with the holder of the place in the seat that was kept."""
    return released(cohort, kept).having(seats=(*cohort.seats, place_id))


def released(cohort: Cohort, kept: KeptSeat) -> Cohort:
    """The group with the seat free for whoever is next in line."""
    waiting = list(cohort.reserved)
    waiting.remove(kept)
    return cohort.having(version=cohort.version + 1, reserved=tuple(waiting))


def without_holder(cohort: Cohort, place_id: str) -> Cohort:
    """The group, when she who was away has gone for good: the seat of her post waits for a successor alone."""
    reserved = tuple(
        kept.model_copy(update={"place_id": None}) if kept.place_id == place_id else kept for kept in cohort.reserved
    )
    return cohort if reserved == cohort.reserved else cohort.having(version=cohort.version + 1, reserved=reserved)


def kept_while_away(place: Place, cohort: Cohort) -> KeptSeat | None:
    """The seat that waits until the holder of the place is back, or until she is for whom that holder acts."""
    hers = {place.id, place.acting_for} - {None}
    return next((kept for kept in cohort.reserved if kept.place_id in hers), None)


def successor(people: Iterable[Employee]) -> Employee | None:
    """Who takes the seat over, of those who hold the post and have none: the one who was appointed last."""
    return max(people, key=lambda one: (str(one.level_since or ""), one.id), default=None)
