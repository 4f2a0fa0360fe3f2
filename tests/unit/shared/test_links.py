"""Signed links open one door each."""

import pytest

from shared.links import Links

OLD = Links(["old"], "https://ledarskap.kommun.example/")
ROTATED = Links(["new", "old"], "https://ledarskap.kommun.example")


def test_a_link_gives_back_what_was_signed() -> None:
    assert OLD.read("offer", OLD.sign("offer", "FLC:E1:1")) == "FLC:E1:1"
    assert OLD.base_url == "https://ledarskap.kommun.example"


def test_a_link_is_good_for_its_purpose_only() -> None:
    assert OLD.read("survey", OLD.sign("offer", "FLC:E1:1")) is None


def test_links_survive_a_new_key_and_new_links_use_it() -> None:
    assert ROTATED.read("offer", OLD.sign("offer", "P1")) == "P1"
    assert OLD.read("offer", ROTATED.sign("offer", "P1")) is None


@pytest.mark.parametrize("position", [0, 3, -1])
def test_a_changed_link_opens_nothing(position: int) -> None:
    token = OLD.sign("offer", "FLC:E1:1")
    changed = list(token)
    changed[position] = "A" if changed[position] != "A" else "B"
    # The last character of a signature carries unused bits, so change enough to matter there.
    forged = "".join(changed) if position != -1 else token[:-4] + "AAAA"
    assert OLD.read("offer", forged) is None


def test_nonsense_opens_nothing() -> None:
    assert OLD.read("offer", "") is None
    assert OLD.read("offer", "….%00") is None
