"""The simulated people: they read their mail, open the links in it, and answer the forms they find there."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin, urlsplit

from deploy.ctl.calls import Calls
from deploy.sample.calendar_replies import deliver, reply_to, uid_in
from deploy.sample.forms import Form, find_form
from deploy.sample.mailbox import Mail, Mailbox
from deploy.sample.moments import Agenda, at, local_day, working_day
from deploy.sample.municipality import Municipality
from deploy.sample.opinions import stage_of, survey_answers
from deploy.sample.temperament import (
    answers_from_calendar,
    approves,
    days_until_she_answers,
    decides,
    looks_too_late,
    regrets,
    takes_part_in_survey,
)

MAIL_TIME: Final = "12:15"
"""When people deal with their mail."""

CALENDAR_TIME: Final = "15:05"
"""When they look into their calendars."""

_LINK: Final = re.compile(r"https?://[^\s<>]+/[osa]/[A-Za-z0-9_.~-]+")
_ITEM: Final = re.compile(r"[A-Z]{2,4}[0-9]{1,2}")
_AT_ONCE: Final = 6

KINDS: Final = {"/o/": "offer", "/s/": "survey", "/a/": "approval"}
"""What a link is about, by how its path begins."""


LAST: Final = frozenset({"decline", "approve", "refuse", "ask_again"})


@dataclass(frozen=True)
class Task:
    """What a person means to do about a link; no `answer` means that she fills in a survey."""

    employee_id: str
    url: str
    number: int
    asked_at: datetime
    """When the mail was written."""
    answer: str = ""

    @property
    def order(self) -> tuple[bool, str, int]:
        """Who says no comes last: each no passes a seat on, so their order must not be chance. So do those whose
        answer lets somebody into the queue, or out of it."""
        return (self.answer in LAST, self.employee_id, self.number)


@dataclass(frozen=True)
class Submission:
    """What a person has answered to a survey, when, to a mail of which moment, and in which wave."""

    employee_id: str
    asked_at: datetime
    at: datetime
    stage: str
    answers: dict[str, str]


class People:
    """Everybody who gets mail. They act at `MAIL_TIME`, by the agenda."""

    def __init__(self, town: Municipality, mailbox: Mailbox, calls: Calls, agenda: Agenda, lmtp: str) -> None:
        self._town = town
        self._mailbox = mailbox
        self._calls = calls
        self._agenda = agenda
        self._lmtp = lmtp
        self._calendars: dict[str, dict[str, bytes]] = defaultdict(dict)
        """What each one's calendar shows of each entry."""
        self._read: set[str] = set()
        self._numbers: Counter[tuple[str, str]] = Counter()
        self._surveys_to_answer: set[str] = set()
        self._tasks: defaultdict[datetime, list[Task]] = defaultdict(list)
        self.did: Counter[str] = Counter()
        """What people did, by kind."""
        self.surprises: list[str] = []
        """Pages that were not as they should be."""
        self.submissions: list[Submission] = []

    async def read_mail(self, now: datetime) -> None:
        """Look into the box, and decide what to do about what is new."""
        for mail in self._mailbox.fetch(now):
            if mail.message_id in self._read:
                continue
            self._read.add(mail.message_id)
            if mail.calendar is not None:
                self._show_in_calendar(mail, mail.calendar, now)
            for url in dict.fromkeys(_LINK.findall(mail.text)):
                self._consider(mail, url, now)

    def _show_in_calendar(self, mail: Mail, calendar: bytes, now: datetime) -> None:
        """Keep what her calendar shows; to some entries she answers a day or two later."""
        employee_id, uid = self._town.owners[mail.to], uid_in(calendar)
        is_new = uid not in self._calendars[employee_id]
        self._calendars[employee_id][uid] = calendar
        said = answers_from_calendar(self._town.seed, employee_id, uid) if is_new else None
        if said is not None:
            moment = at(working_day(local_day(now) + timedelta(days=1)), CALENDAR_TIME)
            self._agenda.plan(moment, lambda: self._answer_from_calendar(employee_id, uid, said, mail.to, moment))

    async def _answer_from_calendar(self, employee_id: str, uid: str, said: str, to: str, moment: datetime) -> None:
        last_day = self._town.last_days.get(employee_id)
        reply = reply_to(self._calendars[employee_id][uid], said, to, moment)
        if reply is not None and (last_day is None or local_day(moment) <= last_day):
            await deliver(reply, self._lmtp)
            self.did["answers from calendars"] += 1

    def _consider(self, mail: Mail, url: str, now: datetime) -> None:
        """Plan what the reader of a mail does about a link in it."""
        seed, employee_id = self._town.seed, self._town.owners[mail.to]
        what = KINDS[urlsplit(url).path[:3]]
        if what != mail.kind and not {what, mail.kind}.isdisjoint({"offer", "approval"}):
            return  # a link that is repeated in another mail is known already
        if url in self._surveys_to_answer:
            return  # reminded of what she means to do
        number = self._numbers[employee_id, what]
        self._numbers[employee_id, what] += 1
        task = Task(employee_id, url, number, mail.date)
        match what:
            case "survey":
                if takes_part_in_survey(seed, employee_id, number):
                    self._surveys_to_answer.add(url)
                    self._plan(task, now, days_until_she_answers(seed, employee_id, what, number, longest=9))
            case "approval":
                self._consider_approval(task, now)
            case _:
                self._consider_offer(task, now)

    def _consider_approval(self, task: Task, now: datetime) -> None:
        seed, who, number = self._town.seed, task.employee_id, task.number
        said = approves(seed, who, number)
        self.did[f"approvals: {said}"] += 1
        if said != "ignore":
            days = days_until_she_answers(seed, who, "approval", number, longest=3)
            self._plan(replace(task, answer=said), now, days)

    def _consider_offer(self, task: Task, now: datetime) -> None:
        seed, who, number = self._town.seed, task.employee_id, task.number
        decision = decides(seed, who, number, self._town.people[who].level)
        self.did[f"offers: {decision}"] += 1
        if decision == "ignore":
            if looks_too_late(seed, who, number):
                self._plan(replace(task, answer="ask_again"), now, 16)
            return
        days = days_until_she_answers(seed, who, "offer", number, longest=3)
        self._plan(replace(task, answer=decision), now, days)
        if decision == "accept" and regrets(seed, who, number):
            self._plan(replace(task, answer="decline"), now, days + 3)

    def _plan(self, task: Task, now: datetime, days: int) -> None:
        moment = at(working_day(local_day(now) + timedelta(days=days)), MAIL_TIME)
        if moment <= now:
            moment = at(working_day(local_day(now) + timedelta(days=days + 1)), MAIL_TIME)
        if moment not in self._tasks:
            self._agenda.plan(moment, lambda: self._act(moment))
        self._tasks[moment].append(task)

    async def _act(self, moment: datetime) -> None:
        """Do all that was planned for a moment: a few at once, but those who decline one by one."""
        tasks = sorted(self._tasks.pop(moment), key=lambda task: task.order)
        await _a_few_at_once(self._do(task, moment) for task in tasks if task.answer not in LAST)
        for task in tasks:
            if task.answer in LAST:
                await self._do(task, moment)

    async def _do(self, task: Task, moment: datetime) -> None:
        page = await self._calls.answer("GET", task.url)
        form = find_form(page.text)
        if form is None or (task.answer and task.answer not in form.choices.get("answer", ())):
            self.did["came too late"] += 1
            if page.status_code >= 500:
                self.surprises.append(f"{urlsplit(task.url).path[:3]}… answered {page.status_code}")
            return
        answers = {"answer": task.answer} if task.answer else self._fill_in(task, form)
        address = urljoin(task.url, form.action) if form.action else task.url
        receipt = await self._calls.answer("POST", address, data=form.hidden | answers)
        if receipt.status_code not in (200, 303, 409, 410):
            self.surprises.append(f"a form at {urlsplit(address).path[:3]}… was answered with {receipt.status_code}")
            return
        if not task.answer:
            stage = stage_of(form.choices)
            self.submissions.append(Submission(task.employee_id, task.asked_at, moment, stage, answers))
        self.did[task.answer or "surveys answered"] += 1

    def _fill_in(self, task: Task, form: Form) -> dict[str, str]:
        items = {name: choices for name, choices in form.choices.items() if _ITEM.fullmatch(name)}
        texts = [name for name in form.texts if _ITEM.fullmatch(name)]
        number = task.number if stage_of(items) == "employees" else 0
        return survey_answers(
            self._town.seed, task.employee_id, items, texts=texts, heading=form.heading, number=number
        )


async def _a_few_at_once(doings: Iterable[Awaitable[None]]) -> None:
    """Run all, a handful at a time."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one(doing: Awaitable[None]) -> None:
        async with turns:
            await doing

    await asyncio.gather(*(one(doing) for doing in doings))
