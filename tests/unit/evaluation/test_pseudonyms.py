"""Names that cannot be read back."""

from services.evaluation.pseudonyms import hash_of, link, token

SALT, SECRET = "ab" * 32, b"s" * 32


def test_a_person_has_one_pseudonym_in_a_plan() -> None:
    assert link(SECRET, SALT, "E1", "FLC-1") == link(SECRET, SALT, "E1", "FLC-1")


def test_anything_else_gives_another_pseudonym() -> None:
    others = {
        link(SECRET, SALT, "E2", "FLC-1"),
        link(SECRET, SALT, "E1", "FLC-2"),
        link(SECRET, "cd" * 32, "E1", "FLC-1"),
        link(b"t" * 32, SALT, "E1", "FLC-1"),
        link(SECRET, SALT, "E1F", "LC-1"),
    }
    assert len(others) == 5
    assert link(SECRET, SALT, "E1", "FLC-1") not in others


def test_a_token_is_kept_as_a_hash() -> None:
    assert hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_token_can_be_made_again_from_its_nonce_with_the_secret_and_the_key_only() -> None:
    made = token(SECRET, SALT, "11" * 16)
    assert made == token(SECRET, SALT, "11" * 16)
    others = {token(SECRET, "cd" * 32, "11" * 16), token(b"t" * 32, SALT, "11" * 16), token(SECRET, SALT, "22" * 16)}
    assert len(others) == 3
    assert made not in others


def test_a_token_is_128_bits_that_fit_into_a_link() -> None:
    assert len(token(SECRET, SALT, "11" * 16)) == 22
