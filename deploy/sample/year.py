"""The sample year from its first morning to the judgement of its promises."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from deploy.ctl.calls import Calls, RefusedError, UnreachableError
from deploy.ctl.clock import NotStillError, SimulatedTime
from deploy.ctl.joining import NoStackError, broker_of, needed, services_of, simulated_clock
from deploy.ctl.publishing import NotPublishedError
from deploy.ctl.queues import Queues
from deploy.ctl.standing import Standing
from deploy.local.endpoints import Endpoints
from deploy.sample.careers import worth_a_look
from deploy.sample.diary import Diary
from deploy.sample.facts import Facts, Promise
from deploy.sample.hr import HrDesk
from deploy.sample.invitations import revisions
from deploy.sample.mailbox import Mailbox
from deploy.sample.moments import Agenda, at
from deploy.sample.municipality import FIRST_DAY, found
from deploy.sample.office import Office, every
from deploy.sample.people import People
from deploy.sample.plan import Plan
from deploy.sample.promises import all_held, judge
from deploy.sample.script import Script
from deploy.sample.show import Show, table
from deploy.sample.watch import Watch
from deploy.sample.years import FULL
from shared.events import enrolment, evaluation, notifications

TROUBLES: Final = (NoStackError, NotPublishedError, NotStillError, RefusedError, UnreachableError)
"""What can end a year before its time; each says what is wrong in a sentence."""


@dataclass(frozen=True)
class Outcome:
    """How a year ended: its promises, and counts that the same seed must give again."""

    promises: list[Promise]
    counts: dict[str, int]
    seconds: float

    @property
    def held(self) -> bool:
        """Whether every promise was kept."""
        return all_held(self.promises)


async def run(endpoints: Endpoints, *, seed: int, console: Console) -> bool:
    """Live through the whole municipality's year, show it, and tell whether every promise was kept."""
    try:
        outcome = await live_through(endpoints, seed=seed, console=console)
    except TROUBLES as error:
        console.print(f"[red]The year ended early.[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return False
    console.print(table(outcome.promises))
    verdict = "every promise was kept" if outcome.held else "[bold red]promises were broken[/]"
    console.print(f"The year took {outcome.seconds:.0f} s; {verdict}.")
    return outcome.held


async def live_through(endpoints: Endpoints, *, seed: int, console: Console, plan: Plan = FULL) -> Outcome:
    """Live through a year by its plan."""
    started = monotonic()
    async with (
        Calls(endpoints.tokens.office) as office,
        Calls(endpoints.tokens.operator) as operator,
        Calls() as anybody,
    ):
        year = Year(endpoints, seed, plan, office=office, operator=operator, anybody=anybody)
        try:
            await year.live(Show(console, FIRST_DAY, plan.until))
            facts = await year.facts()
        finally:
            await year.close()
    return Outcome(judge(facts), counts_of(facts), monotonic() - started)


class Year:
    """Everybody who takes part in a year, and the loop that lets it pass."""

    def __init__(
        self, endpoints: Endpoints, seed: int, plan: Plan, *, office: Calls, operator: Calls, anybody: Calls
    ) -> None:
        addresses, clock = services_of(endpoints), simulated_clock(endpoints)
        self._plan = plan
        self._until = at(plan.until, "18:00")
        self._addresses = addresses
        self._calls = office
        self._town = found(seed, plan.size)
        self._agenda = Agenda()
        self._mailbox = Mailbox(Path(needed(str(endpoints.maildir or "") or None, "a mailbox")))
        self._hr = HrDesk(broker_of(endpoints, "hr"), clock.now)
        self._queues = Queues(broker_of(endpoints, "operator"))
        self._time = SimulatedTime(clock, Standing(operator, addresses), self._queues, self._hr.published)
        self._office = Office(office, addresses["enrolment"])
        lmtp = needed(endpoints.lmtp, "a door for incoming mail")
        self._people = People(self._town, self._mailbox, anybody, self._agenda, lmtp)
        self._watch = Watch(self._office, self._town)
        self._show: Show | None = None
        self._diary = Diary()
        script = Script(
            plan,
            self._town,
            self._agenda,
            hr=self._hr,
            office=self._office,
            anybody=anybody,
            diary=self._diary,
        )
        script.write()

    async def live(self, show: Show) -> None:
        """Go from happening to happening, and let everything that follows from one come to rest before the next."""
        self._show = show
        with show.shown():
            while (moment := self._agenda.next_at) is not None and moment <= self._until:
                await self._time.advance(moment, self._look)
                while happening := self._agenda.take(self._time.now):
                    await happening.act()
                    await self._time.settle()
                    await self._look()
            await self._time.advance(self._until, self._look)

    async def close(self) -> None:
        """Let go of the broker."""
        await self._hr.close()
        await self._queues.close()

    async def _look(self) -> None:
        """All is still: people look into their mail, the watch at the groups, we at the counters."""
        await self._people.read_mail(self._time.now)
        await self._watch.look(self._time.now, self._time.ledgers["enrolment"].outbox)
        if self._show is not None:
            self._show.update(self._time.now, self._counters())

    def _counters(self) -> dict[str, int]:
        announced = {
            kind: counts["published"] for one in self._time.ledgers.values() for kind, counts in one.outbox.items()
        }
        kinds = Counter(mail.kind for mail in self._mailbox.mails)
        return {
            "staff changes": self._hr.published.total(),
            "queued": announced.get("enrolment.person.queued.v1", 0),
            "offers": announced.get("enrolment.place.offered.v1", 0),
            "accepted": announced.get("enrolment.place.confirmed.v1", 0),
            "mails": kinds.total(),
            "calendar entries": kinds["invite"] + kinds["update"] + kinds["cancel"],
            "surveys answered": self._people.did["surveys answered"],
            "results": announced.get("evaluation.release.published.v1", 0),
        }

    async def facts(self) -> Facts:
        """All that there is to judge by."""
        cohorts = [await self._office.cohort(one["cohort_id"]) for one in await self._office.cohorts()]
        recorded = {service: one.dead for service, one in (await self._time.settle()).items()}
        waiting = await self._queues.dead() or {}
        return Facts(
            town=self._town,
            mails=self._mailbox.mails,
            entries=revisions(self._mailbox.mails, self._town.owners),
            places=await self._office.places(),
            cohorts={cohort["cohort_id"]: cohort for cohort in cohorts},
            invitations=await every(self._calls, f"{self._addresses['notifications']}/api/invitations"),
            releases=(releases := await self._releases()),
            reports=await self._reports({one["programme"] for one in releases}),
            recommendations=await every(self._calls, f"{self._addresses['evaluation']}/api/recommendations"),
            ledgers=self._time.ledgers,
            dead={service: number + waiting.get(service, 0) for service, number in recorded.items()},
            published=self._hr.published,
            malformed=self._hr.malformed,
            submissions=self._people.submissions,
            surprises=self._people.surprises,
            did=self._people.did,
            watch=self._watch,
            plan=self._plan,
            changes=await self._office.listed("changes"),
            imports=await self._office.listed("staff-imports"),
            networks=await self._office.listed("networks"),
            register={one["employee_id"]: one for one in await self._office.listed("staff-register")},
            diary=self._diary.entries,
            careers=await self._careers(),
            departments=await self._departments(),
            proposals={one["proposal_id"]: one for one in await self._office.listed("proposals")},
            alumni=[one["employee_id"] for one in await self._office.listed("alumni")],
            programmes={one["code"]: one for one in await self._office.listed("programmes")},
            goals={one["goal_id"]: one for one in await self._office.listed("goals")},
        )

    async def _careers(self) -> dict[str, Counter[str]]:
        """What the timelines of some people say of their work, by kind of change."""
        said: dict[str, Counter[str]] = {}
        for who in worth_a_look(self._town, self._plan.until):
            timeline = await self._office.listed(f"people/{who}/timeline")
            said[who] = Counter(moment["reason"]["code"] for moment in timeline if moment["kind"] == "career")
        return said

    async def _departments(self) -> dict[str, str]:
        """To which department those belong whose unit is not what it was."""
        people = {who for entry in self._diary.entries for who in entry.about.get("people", ())}
        return {who: (await self._office.person(who))["department"] for who in sorted(people)}

    async def _reports(self, programmes: Iterable[str]) -> dict[str, dict[str, Any]]:
        url = f"{self._addresses['evaluation']}/results/programmes"
        return {code: await self._calls.get(f"{url}/{code}.json") for code in sorted(programmes)}

    async def _releases(self) -> list[dict[str, Any]]:
        url = f"{self._addresses['evaluation']}/api/releases"
        return [await self._calls.get(f"{url}/{one['release_id']}") for one in await every(self._calls, url)]


BY_CHANCE = frozenset(
    (
        notifications.PromiseBroken.type,
        enrolment.HeartbeatStarted.type,
        notifications.HeartbeatPassed.type,
        evaluation.HeartbeatPassed.type,
    )
)
"""What goes by the machine's time, while hours of a simulated year pass in a second: a mail that is on its way looks
late, and a heart beats once a minute."""


def counts_of(facts: Facts) -> dict[str, int]:
    """What the same seed must give again, whatever was killed in the meantime."""
    counts: Counter[str] = Counter()
    for service, ledger in facts.ledgers.items():
        for queue, types in ledger.inbox.items():
            for event_type, outcomes in types.items():
                if event_type not in BY_CHANCE:
                    counts.update({f"{queue} {event_type} {name}": n for name, n in outcomes.items()})
        announced = {kind: n for kind, n in ledger.outbox.items() if kind not in BY_CHANCE}
        counts.update({f"{service} announced {kind}": n["published"] for kind, n in announced.items()})
    counts.update({f"dead letters of {service}": n for service, n in facts.dead.items()})
    counts.update(f"places {place['state']}" for place in facts.places)
    counts.update(f"mails {kind}" for kind, _ in {(mail.kind, mail.message_id) for mail in facts.mails})
    counts.update({f"people {name}": n for name, n in facts.did.items()})
    counts.update(f"releases with {len(release['figures'])} figures" for release in facts.releases)
    return dict(counts)


def differences(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """The counts in which two years differ."""
    return {
        name: (one.get(name, 0), other.get(name, 0))
        for name in sorted(one.keys() | other.keys())
        if one.get(name, 0) != other.get(name, 0)
    }
