"""The seed of the attack, said at the beginning of a run; another one looks for what nobody has seen yet."""

import os

FIRST_SEED = int(os.environ.get("ATTACK_SEED", "20270203"))


def pytest_report_header() -> str:
    """What to set to attack the very same populations again."""
    return f"attack on populations from ATTACK_SEED={FIRST_SEED}"
