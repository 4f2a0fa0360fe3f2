"""Real calendars that take our mails one after the other end up showing what is true.

Both believe whatever comes last, older or not; that our mails about one entry go out in order, one at a time, is why it
is true: see `test_update_never_overtakes_its_invite` among the tests of the sender.
"""

from datetime import timedelta

import pytest

from tests.interop.calendars import History, Shown, States, evolution, meant
from tests.interop.cases import MOMENTS, TITLES, Case, contents, made
from tests.interop.cyrus import cyrus

WEEK = timedelta(weeks=1)
STARTS_AT = MOMENTS["summer"]
INVITE = made(contents("invite", sequence=0))
UPDATE = made(contents("update", STARTS_AT + WEEK, sequence=1))
UPDATE_AGAIN = made(contents("update", STARTS_AT + 2 * WEEK, title=TITLES["åäö"], sequence=2))
CANCEL = made(contents("cancel", STARTS_AT + WEEK, sequence=2))
NEW_ROUND = made(contents("invite", uid="77aa01@kommun.example", sequence=0))
FOUR = tuple(made(contents("invite", STARTS_AT + n * WEEK, uid=f"{n}@kommun.example", sequence=0)) for n in range(4))
SECOND_MOVES = made(contents("update", STARTS_AT + 9 * WEEK, uid="1@kommun.example", sequence=1))
FIRST_CANCELLED = made(contents("cancel", STARTS_AT, uid="0@kommun.example", sequence=1))
HISTORIES: dict[str, History] = {
    "invite": [INVITE],
    "update": [INVITE, UPDATE, UPDATE_AGAIN],
    "twice": [INVITE, INVITE, UPDATE, UPDATE],
    "cancel": [INVITE, UPDATE, CANCEL, CANCEL],
    "new round": [INVITE, UPDATE, CANCEL, NEW_ROUND],
    "stale": [INVITE, UPDATE_AGAIN, UPDATE],
    "cancel first": [CANCEL, INVITE],
    "four": [*FOUR, SECOND_MOVES, FIRST_CANCELLED],
}
MOMENTS_AND_TITLES = [
    *(made(contents("invite", moment, uid=f"m{n}@kommun.example")) for n, moment in enumerate(MOMENTS.values())),
    *(made(contents("invite", title=title, uid=f"t{n}@kommun.example")) for n, title in enumerate(TITLES.values())),
]


@pytest.fixture(scope="module", params=[evolution, cyrus], ids=["evolution", "cyrus"])
def states(request: pytest.FixtureRequest) -> dict[str, States]:
    """What one calendar shows after each mail of every history."""
    names, histories = zip(*HISTORIES.items(), ("all", MOMENTS_AND_TITLES), strict=True)
    return dict(zip(names, request.param(histories), strict=True))


def live(entries: list[Shown]) -> list[Shown]:
    """The entries at which somebody would turn up. Cyrus keeps a cancelled one, crossed out; Evolution removes it."""
    return [entry for entry in entries if entry.status != "CANCELLED"]


def stood(states: States) -> States:
    """The live entries after each mail."""
    return [live(entries) for entries in states]


def those(*steps: list[Case]) -> States:
    """The entries that these mails mean, step by step."""
    return [[meant(one) for one in step] for step in steps]


def test_invitation_stands_as_it_was_meant(states: dict[str, States]) -> None:
    assert stood(states["invite"]) == those([INVITE])


def test_update_changes_the_entry_that_stands(states: dict[str, States]) -> None:
    assert stood(states["update"]) == those([INVITE], [UPDATE], [UPDATE_AGAIN])


def test_same_mail_twice_changes_nothing(states: dict[str, States]) -> None:
    assert stood(states["twice"]) == those([INVITE], [INVITE], [UPDATE], [UPDATE])


def test_cancellation_takes_the_entry_away(states: dict[str, States]) -> None:
    assert stood(states["cancel"]) == those([INVITE], [UPDATE], [], [])


def test_new_round_stands_after_a_cancellation(states: dict[str, States]) -> None:
    assert stood(states["new round"]) == those([INVITE], [UPDATE], [], [NEW_ROUND])


def test_older_update_would_be_believed_so_mails_must_go_out_in_order(states: dict[str, States]) -> None:
    assert stood(states["stale"]) == those([INVITE], [UPDATE_AGAIN], [UPDATE])


def test_invite_after_its_cancellation_would_stand_so_mails_must_go_out_in_order(states: dict[str, States]) -> None:
    assert stood(states["cancel first"]) == those([], [INVITE])


def test_four_sessions_are_four_entries_that_change_one_by_one(states: dict[str, States]) -> None:
    first, second, third, fourth = FOUR
    assert stood(states["four"]) == those(
        [first],
        [first, second],
        [first, second, third],
        [first, second, third, fourth],
        [first, SECOND_MOVES, third, fourth],
        [SECOND_MOVES, third, fourth],
    )


def test_every_moment_and_every_title_stands_as_it_was_meant(states: dict[str, States]) -> None:
    assert states["all"][-1] == sorted(map(meant, MOMENTS_AND_TITLES), key=lambda one: one.uid)
