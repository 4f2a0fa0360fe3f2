"""Posts that seats belong to: a post is a level in a unit, whoever holds it.

HR tells about people and not about posts, so this is the nearest there is: the head of a unit is known by the unit and
by her level. Several people can hold what is then one post (two senior managers in one unit); each has a seat of her
own, and whoever succeeds one of them takes over the seat of that one. A unit that was merged is the one that it lives
on in, so that a merger takes no seat from anybody.
"""

from collections.abc import Iterable

from services.enrolment.model import Cohort, Employee
from services.enrolment.rules.organisation import Tree, lives_on_in

BETWEEN = "|"


def held_by(employee: Employee | None) -> str | None:
    """The post that she holds today; nothing if she is not employed."""
    if employee is None or employee.record is None or employee.left:
        return None
    return f"{employee.record.unit_id}{BETWEEN}{employee.record.level}"


def level_of(post: str) -> str:
    """The level that the post is at."""
    return post.rpartition(BETWEEN)[2]


def is_same(one: str | None, other: str | None, units: Tree) -> bool:
    """Whether these are one post, as the organisation is now."""
    return one is not None and other is not None and _standing(one, units) == _standing(other, units)


def _standing(post: str, units: Tree) -> str:
    unit_id, _, level = post.rpartition(BETWEEN)
    return f"{lives_on_in(unit_id, units)}{BETWEEN}{level}"


def kept_for(post: str, cohorts: Iterable[Cohort], units: Tree) -> tuple[Cohort, str] | None:
    """The group that begins first of those that keep a seat for the post, and the post as it was called then."""
    for cohort in sorted(cohorts, key=lambda each: (each.first_session.starts_at, each.id)):
        for kept in cohort.reserved:
            if goes_on(cohort) and is_same(kept, post, units):
                return cohort, kept
    return None


def goes_on(cohort: Cohort) -> bool:
    """Whether the group has something to come that a successor could attend."""
    return cohort.state == "composed" and any(session.to_come for session in cohort.sessions)


def keep_seat(cohort: Cohort, place_id: str, post: str | None) -> Cohort:
    """The group without the holder of the place; her seat is kept for the post, if there is one to keep it for."""
    return cohort.having(
        version=cohort.version + 1,
        seats=tuple(seat for seat in cohort.seats if seat != place_id),
        reserved=(*cohort.reserved, post) if post else cohort.reserved,
    )


def give_seat(cohort: Cohort, place_id: str, kept: str) -> Cohort:
    """The group with the successor in the seat that was kept."""
    waiting = list(cohort.reserved)
    waiting.remove(kept)
    return cohort.having(version=cohort.version + 1, seats=(*cohort.seats, place_id), reserved=tuple(waiting))


def successor(people: Iterable[Employee]) -> Employee | None:
    """Who takes the seat over, of those who hold the post and have none: the one who was appointed last."""
    return max(people, key=lambda one: (str(one.level_since or ""), one.id), default=None)
