"""An outsider's eye on the groups through the year: were the rules for seats ever broken, and when did people leave?"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from deploy.sample.moments import local_day
from deploy.sample.municipality import Municipality
from deploy.sample.office import Office, programme_files

SEATED: Final = frozenset({"offered", "confirmed"})


@dataclass(frozen=True)
class GroupRule:
    """How large a programme's groups may be, and the largest share of one department, as its file says."""

    largest: int
    share: float


def group_rules() -> dict[str, GroupRule]:
    """The rules of all the sample's programmes by code, read from their files."""
    return {
        code: GroupRule(file["group"]["max"], file["group"]["max_share_per_department"])
        for code, file in programme_files().items()
    }


class Watch:
    """Looks at every group whenever something has happened to a place."""

    def __init__(self, office: Office, town: Municipality) -> None:
        self._office = office
        self._town = town
        self._rules = group_rules()
        self._seen: Mapping[str, object] = {}
        self.seats: dict[str, dict[str, str]] = {}
        """State of each member's place by cohort and employee, when last looked."""
        self.left_at: dict[tuple[str, str], datetime] = {}
        """When somebody was first seen to be out of a cohort that she had belonged to."""
        self.overfull: list[str] = []
        self.one_sided: list[str] = []

    async def look(self, now: datetime, announced: Mapping[str, Mapping[str, int]]) -> None:
        """Judge the groups as they are now, if enrolment has `announced` something about places since."""
        places = {event: counts for event, counts in announced.items() if ".place." in event or ".cohort." in event}
        if places == self._seen:
            return
        self._seen = places
        for cohort in await self._office.cohorts():
            self._judge(cohort, now)

    def _judge(self, cohort: Mapping[str, Any], now: datetime) -> None:
        cohort_id, rule = cohort["cohort_id"], self._rules[cohort["programme"]]
        before = self.seats.get(cohort_id, {})
        after = {member["employee_id"]: member["state"] for member in cohort["members"]}
        seated = {employee_id for employee_id, state in after.items() if state in SEATED}
        if len(seated) > rule.largest:
            self.overfull.append(f"{cohort_id} had {len(seated)} on {now:%Y-%m-%d}, at most {rule.largest} may be")
        newly = {employee_id for employee_id in seated if before.get(employee_id) not in SEATED}
        self._judge_departments(cohort_id, seated, newly, int(rule.share * rule.largest), now)
        for employee_id, state in before.items():
            if state == "confirmed" and after.get(employee_id) not in ("confirmed", "completed"):
                self.left_at[cohort_id, employee_id] = now
        self.seats[cohort_id] = after

    def _judge_departments(self, cohort_id: str, seated: set[str], newly: set[str], limit: int, now: datetime) -> None:
        """Only a seat that was just given can break the rule: those who sit may change department."""
        departments = {employee_id: self._town.department_of(employee_id, local_day(now)) for employee_id in seated}
        shares = Counter(departments.values())
        for department in {departments[employee_id] for employee_id in newly}:
            if shares[department] > limit:
                text = f"{cohort_id} had {shares[department]} of {department} on {now:%Y-%m-%d}, at most {limit} may be"
                self.one_sided.append(text)
