"""For each alert a fault that makes it fire, and the repair that its runbook tells."""

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta

import httpx

from shared.events.hr import SnapshotPage
from shared.topology import SERVICES
from tests.faults.shorter import shorter
from tests.faults.watched import Deed, Watched
from tests.flow.notifications.stage import confirmed, employee
from tests.unit.notifications.incoming_mails import bounce

SETTLED = timedelta(minutes=12)
"""Longer than news wait for other news before they are told."""


@dataclass(frozen=True)
class Case:
    """A fault, the alert that is meant for it, and how it is mended."""

    alert: str
    fault: Deed
    repair: Deed
    holds: float = 5.0
    """For how many seconds the fault goes on after the alert fires: long enough for what would follow from it."""
    clears_within: float = 90.0


CASES: dict[str, Case] = {}
LONG = shorter(300) + shorter(60) + 5
"""Seconds after which a pipeline that stands still would be told of."""


def case(alert: str, fault: Deed, repair: Deed, *, holds: float = 5.0, clears_within: float = 90.0) -> None:
    CASES[alert] = Case(alert, fault, repair, holds, clears_within)


def stops(part: str) -> Deed:
    """The fault that a part of the stack is not there."""
    return lambda world: world.stack.stop_part(part)


def starts(part: str) -> Deed:
    """The repair of that."""
    return lambda world: world.stack.start_part(part)


async def import_definitions(world: Watched) -> None:
    """The repair of whatever is wrong with rights and bindings."""
    await world.import_definitions()


case("ServiceDown", stops("evaluation"), starts("evaluation"), holds=LONG)
case("BrokerDown", stops("rabbitmq"), starts("rabbitmq"), holds=LONG)
case("PipelineStalled", stops("mongo"), starts("mongo"))


async def let_memory_run_out(world: Watched) -> None:
    await world.rabbitmqctl("set_vm_memory_high_watermark", "0.00001")


async def give_memory(world: Watched) -> None:
    await world.rabbitmqctl("set_vm_memory_high_watermark", "0.4")


case("BrokerBlockingPublishers", let_memory_run_out, give_memory, holds=LONG, clears_within=120)


async def forbid_enrolment_to_publish(world: Watched) -> None:
    await world.may("enrolment", write=r"^enrolment\..+$", read=r"^enrolment\..+$")


case("OutboxStuck", forbid_enrolment_to_publish, import_definitions, holds=LONG)


async def begin_without_a_heartbeat(world: Watched) -> None:
    world.heart_beats = False
    await asyncio.sleep(2)
    for service in SERVICES:
        await world.stack.stop_part(service)
    for service in SERVICES:
        async with world.database(service) as database:
            await database["heartbeats"].delete_many({"_id": {"$ne": "turn"}})
        await world.stack.start_part(service)
    await world.until(lambda firing: not firing, 60)  # on a busy machine they were away for long enough to be missed


async def let_the_heart_beat(world: Watched) -> None:
    world.heart_beats = True


case("HeartbeatAbsent", begin_without_a_heartbeat, let_the_heart_beat)


async def lose_the_consumer_of(world: Watched, queue: str) -> None:
    """Its service may not read a queue any more, which is deleted and made again: that one consumer is cancelled.

    With those rights a new connection would lose the others, too.
    """
    service = queue.partition(".")[0]
    others = rf"^(?!{re.escape(queue)}$){service}\..+$"
    await world.rabbitmqctl("set_permissions", service, "^$", rf"^(events|{service}\..+)$", others)
    await world.rabbitmqctl("delete_queue", queue)
    await world.make_queue(queue)


async def keep_notifications_from_hearing_hr(world: Watched) -> None:
    await lose_the_consumer_of(world, "notifications.hr")
    await world.says("hr", [employee("E50")])


async def import_definitions_and_restart_notifications(world: Watched) -> None:
    await world.import_definitions()
    await world.restart("notifications")


case("QueueHasNoConsumers", keep_notifications_from_hearing_hr, import_definitions_and_restart_notifications)


async def take_a_binding_away(world: Watched) -> None:
    code = (
        'rabbit_binding:remove({binding, rabbit_misc:r(<<"/">>, exchange, <<"events">>), '
        '<<"notifications.heartbeat.passed.v1">>, rabbit_misc:r(<<"/">>, queue, <<"evaluation.notifications">>), []}, '
        '<<"test">>).'
    )
    await world.rabbitmqctl("eval", code)


case("UnroutableMessages", take_a_binding_away, import_definitions, holds=0)


async def disable_metrics(world: Watched) -> None:
    await world.rabbitmqctl("disable", "rabbitmq_prometheus", program="rabbitmq-plugins")


async def enable_metrics(world: Watched) -> None:
    await world.rabbitmqctl("enable", "rabbitmq_prometheus", program="rabbitmq-plugins")


case("ScrapeTargetMissing", disable_metrics, enable_metrics)


async def invite_somebody_without_address(world: Watched) -> None:
    await world.says("enrolment", [confirmed("E60")], since=world.clock.now)


async def tell_her_address(world: Watched) -> None:
    await world.says("hr", [employee("E60")])
    await asyncio.sleep(3)
    world.clock.put_forward(SETTLED)


case("StaffChangeWithoutInvite", invite_somebody_without_address, tell_her_address)


async def invite_somebody_while_the_relay_is_away(world: Watched) -> None:
    await world.stack.stop_part("mail")
    await world.says("hr", [employee("E61")])
    await world.says("enrolment", [confirmed("E61")], since=world.clock.now)
    await asyncio.sleep(3)
    world.clock.put_forward(SETTLED)


async def start_the_relay(world: Watched) -> None:
    await world.stack.start_part("mail")
    await asyncio.sleep(3)
    world.clock.put_forward(SETTLED)  # a mail that was deferred is tried again after minutes


case("MailsWaiting", invite_somebody_while_the_relay_is_away, start_the_relay, holds=LONG, clears_within=120)


async def promise_what_cannot_be_sent(world: Watched) -> None:
    await world.says("enrolment", [confirmed("E62")])
    await asyncio.sleep(3)
    world.clock.put_forward(timedelta(hours=2))


async def let_it_be_sent(world: Watched) -> None:
    await world.says("hr", [employee("E62")])
    for jump in (SETTLED, timedelta(hours=1, minutes=5)):  # the mail goes, then promises are looked after
        await asyncio.sleep(4)
        world.clock.put_forward(jump)


case("PromiseBroken", promise_what_cannot_be_sent, let_it_be_sent, clears_within=120)

WRONG = ("E63", "E64", "E65")


async def write_to_wrong_addresses(world: Watched) -> None:
    await world.says("hr", [employee(one, email=f"{one.lower()}@wrong.example") for one in WRONG])
    await world.says("enrolment", [confirmed(one) for one in WRONG])
    await asyncio.sleep(3)
    world.clock.put_forward(SETTLED)
    async with world.database("notifications") as database:
        wanted = {"employee_id": {"$in": WRONG}, "state": "sent"}
        async with asyncio.timeout(30):
            while len(ids := await database["messages"].distinct("_id", wanted)) < len(WRONG):  # noqa: ASYNC110
                await asyncio.sleep(0.3)
    for message_id in ids:
        await asyncio.to_thread(world.hand_in, bounce(str(message_id)))


async def correct_addresses(world: Watched) -> None:
    await world.says("hr", [employee(one, version=2) for one in WRONG])
    for jump in (timedelta(hours=1, minutes=5), SETTLED, timedelta(hours=1, minutes=5)):
        await asyncio.sleep(4)
        world.clock.put_forward(jump)


case("InviteBounceRateHigh", write_to_wrong_addresses, correct_addresses, clears_within=shorter(86400) + 60)


async def send_a_snapshot_that_was_cut_off(world: Watched) -> None:
    staff = [employee(f"E{number}") for number in range(100, 140)]
    await world.says("hr", staff)
    await asyncio.sleep(5)
    page = SnapshotPage(
        version=1, snapshot_id="cut-off", taken_at=world.clock.now, page=1, pages=1, employees=tuple(staff[:20])
    )
    await world.says("hr", [page])


async def reject_it(world: Watched) -> None:
    await world.ledstjarna("hr", "reject", "cut-off", "--reason", "it was cut off")


case("StaffImportHeld", send_a_snapshot_that_was_cut_off, reject_it)


async def discard_dead_letters(world: Watched) -> None:
    """Wait until all are written down, and discard them."""
    await asyncio.sleep(6)
    token = {"Authorization": f"Bearer {world.stack.endpoints.tokens.operator}"}
    async with httpx.AsyncClient(trust_env=False, headers=token, timeout=30) as client:
        for service in SERVICES:
            letters = f"{getattr(world.stack.endpoints, service)}/api/dead-letters"
            found = (await client.get(letters, params={"state": "open", "limit": 200})).json()["items"]
            asked = {"ids": [each["letter_id"] for each in found], "reason": "nonsense of a test"}
            answer = await client.post(f"{letters}/discard", json=asked) if found else None
            assert answer is None or answer.is_success, answer.text


async def keep_enrolment_from_its_dead_letters(world: Watched) -> None:
    await lose_the_consumer_of(world, "enrolment.dead")
    await world.says_nonsense(3)


async def import_definitions_restart_and_discard(world: Watched) -> None:
    await world.import_definitions()
    await world.restart("enrolment")
    await discard_dead_letters(world)


case("DlqNotDrained", keep_enrolment_from_its_dead_letters, import_definitions_restart_and_discard)


async def say_nonsense_three_times(world: Watched) -> None:
    await world.says_nonsense(3)


case("DeadLettersWaiting", say_nonsense_three_times, discard_dead_letters)


# From here on, more is bad than the objective allows: for a while a third of it again would be a ticket of its own.


async def say_a_lot_of_nonsense(world: Watched) -> None:
    for _ in range(4):
        await world.says_nonsense(5)
        await asyncio.sleep(1)


case("MessageErrorBudgetFastBurn", say_a_lot_of_nonsense, discard_dead_letters, holds=0)


async def say_some_nonsense_among_much_else_and_discard_it(world: Watched) -> None:
    await world.says("hr", [employee(f"E{number}") for number in range(1000, 1300)])
    await world.says_nonsense(12)
    await discard_dead_letters(world)


async def wait(world: Watched) -> None:
    """Time is the repair: no more comes."""


case(
    "MessageErrorBudgetSlowBurn",
    say_some_nonsense_among_much_else_and_discard_it,
    wait,
    clears_within=shorter(6 * 3600) + 60,
)
