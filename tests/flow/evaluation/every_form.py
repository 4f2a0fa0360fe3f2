"""One wave of every kind that can be asked, open at once, and links to each."""

from datetime import timedelta

from services.evaluation import pseudonyms
from services.evaluation.instruments import Respondents
from services.evaluation.model import InstrumentRef, Invitation, LinkKey, Wave, WaveState
from services.evaluation.store import EvaluationTransaction
from tests.flow.evaluation.town import T0_IS_OPEN
from tests.unit.evaluation.arrange import INSTRUMENTS, TITLE

KINDS: dict[str, tuple[str, Respondents]] = {
    **{wave: (wave, "managers") for wave in ("T0", "P", "T1", "T2", "T3", "T4")},
    "employees": ("T0", "employees"),
}
"""Every form there is: in which wave, and of whom."""

LINKS_EACH = 8


def token_of(kind: str, number: int = 0) -> str:
    """The token of one person's link."""
    return f"{kind}-{number}".ljust(22, "x")


async def open_all(tx: EvaluationTransaction) -> None:
    """Each kind of wave is open, and some people have links to it."""
    tx.save(LinkKey(id="FLC-1", salt="00" * 32))
    for kind, (wave, of) in KINDS.items():
        opened = _wave(kind, wave, of)
        tx.save(opened)
        for number in range(LINKS_EACH):
            tx.save(_invitation(token_of(kind, number), opened.id, f"E{number}"))


def _wave(kind: str, wave: str, of: Respondents) -> Wave:
    refs = [InstrumentRef(code=one.code, version=one.version) for one in INSTRUMENTS.values() if one.items_in(wave, of)]
    return Wave(
        id=f"FLC-1:{kind}",
        wave=wave,
        of=of,
        cohort_id="FLC-1",
        programme="FLC",
        revision=1,
        title=TITLE,
        state=WaveState.open,
        opens_at=T0_IS_OPEN,
        closes_at=T0_IS_OPEN + timedelta(days=10),
        instruments=tuple(refs),
        size=14,
    )


def _invitation(token: str, wave_id: str, person: str) -> Invitation:
    manager = "M1" if wave_id.endswith("employees") else None
    return Invitation(id=pseudonyms.hash_of(token), wave_id=wave_id, employee_id=person, manager_id=manager)
