"""Groups from one queue, as large as a municipality and as a country have them: `python -m tests.bench.grouping`.

Departments are of very different size, nearly everybody has her manager in the same queue, some are on leave, and where
it is said so every ninth group is held in English. What counts is that the time is kept and that the gap is stated.
"""

import random
import resource
import sys
import time
from dataclasses import dataclass

from services.enrolment.programme_file import GroupRules
from services.enrolment.rules.grouping import Candidate, Grouping, Room, group
from services.enrolment.rules.reasons import OnLeave


@dataclass(frozen=True)
class Case:
    """A queue and its groups. `queue`: how many wait for each who is wanted."""

    people: int
    groups: int
    departments: int
    seconds: float
    queue: float = 1.0
    languages: bool = False

    def __str__(self) -> str:
        more = ", two languages" if self.languages else ""
        return f"{round(self.people * self.queue)} waiting, {self.groups} groups, {self.departments} departments{more}"


CASES = (
    Case(250, 18, 10, seconds=5),
    Case(250, 18, 10, seconds=5, queue=1.3),
    Case(250, 18, 10, seconds=5, languages=True),
    Case(10_000, 700, 12, seconds=120),
    Case(10_000, 700, 40, seconds=120, queue=1.2),
    Case(10_000, 700, 40, seconds=120, languages=True),
)


def rooms(case: Case) -> list[Room]:
    """Cohorts without anybody yet, by the sample programme's rules."""
    rules = GroupRules(min=8, max=15 if case.people > 1000 else 14, max_share_per_department=0.4)
    english = {g for g in range(case.groups) if case.languages and g % 9 == 8}
    return [
        Room(cohort_id=f"C{g:04}", rules=rules, language=("en" if g in english else "sv") if case.languages else None)
        for g in range(case.groups)
    ]


def line(case: Case) -> list[Candidate]:
    """The queue; the same each time."""
    lot = random.Random(1)
    count = round(case.people * case.queue)
    sizes = [1 / (number + 1) for number in range(case.departments)]
    return [
        Candidate(
            employee_id=f"E{number:05}",
            place_id=f"P{number:05}",
            department=f"D{lot.choices(range(case.departments), sizes)[0]:02}",
            manager_id=f"E{lot.randrange(count):05}" if lot.random() < 0.9 else None,
            language="en" if lot.random() < 0.11 else "sv",
            hindrances={f"C{lot.randrange(case.groups):04}": OnLeave() for _ in range(3)} if lot.random() < 0.1 else {},
        )
        for number in range(count)
    ]


def told(case: Case, grouping: Grouping, seconds: float) -> str:
    """One line of the table."""
    seated = sum(len(each.chosen) for each in grouping.groups)
    return (
        f"{case!s:70} {seated:6} seated {len(grouping.passed):4} passed over {grouping.value:6} pairs"
        f"  gap {grouping.gap:6.2%}  {seconds:6.2f} s (at most {case.seconds:.0f})"
    )


def main() -> int:
    """0 if all are composed in time."""
    good = True
    for case in CASES:
        waiting, cohorts = line(case), rooms(case)
        began = time.perf_counter()
        grouping = group(waiting, cohorts)
        seconds = time.perf_counter() - began
        good = good and seconds <= case.seconds
        print(told(case, grouping, seconds), flush=True)
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
