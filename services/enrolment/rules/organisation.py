"""Where a unit belongs, as the organisation is now: above it, below it, and in a circle that HR has told by mistake."""

from collections.abc import Collection, Mapping

Tree = Mapping[str, tuple[str | None, str | None]]
"""(parent, merged into) by unit id. A unit that HR has not told about stands for itself."""


def department(unit_id: str, units: Tree) -> str:
    """The top unit above `unit_id`. Of units that name each other as above, the first by id counts as the top: all of
    them and all below belong together then, whichever of them is asked about."""
    line = above(unit_id, units)
    circle = circle_at(line[-1], units)
    return min(circle) if circle else line[-1]


def above(unit_id: str, units: Tree) -> tuple[str, ...]:
    """The unit itself and all above it, nearest first; a unit that was merged is below the one that it lives on in.

    A circle of units ends where it would begin anew, so each is there once.
    """
    line = [unit_id]
    while (upper := _upper(line[-1], units)) and upper not in line:
        line.append(upper)
    return tuple(line)


def circle_at(unit_id: str, units: Tree) -> tuple[str, ...]:
    """The units that name each other as above, if this one is among them; nothing if the organisation is in order.

    Such a circle is kept as HR told it, since a true reorganisation passes through one when its facts come in disorder.
    """
    line = above(unit_id, units)
    return line if len(line) > 1 and _upper(line[-1], units) == unit_id else ()


def lives_on_in(unit_id: str, units: Tree) -> str:
    """The unit itself, or the one that it has been merged into."""
    line = [unit_id]
    while (successor := units.get(line[-1], (None, None))[1]) and successor not in line:
        line.append(successor)
    return line[-1] if successor is None else min(line[line.index(successor) :])


def is_within(unit_id: str, wanted: Collection[str], units: Tree) -> bool:
    """Whether the unit is one of those wanted, or somewhere below one. A wanted unit that has been merged stands for
    the one that it lives on in, too."""
    reach = {*wanted, *(lives_on_in(one, units) for one in wanted)}
    return not reach.isdisjoint(above(unit_id, units))


def _upper(unit_id: str, units: Tree) -> str | None:
    """A unit that is said to be above itself has nothing above it."""
    parent, merged_into = units.get(unit_id, (None, None))
    upper = merged_into or parent
    return None if upper == unit_id else upper
