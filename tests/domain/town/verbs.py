"""What people of the town do, by the thing it is done to. Each verb may be refused."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from server.domain import timebank
from server.domain.orders import cancellation, handover, place_order
from server.domain.points import deeds as points
from server.domain.points.deeds import Deed
from server.domain.service_records import approval, claims, reversal, reviews
from server.domain.service_records.approval import Approval
from server.domain.service_records.claims import Claim
from server.domain.supermarket import donations, stock_taking
from server.domain.supermarket.donations import Gift
from server.domain.tasks import cancellation as task_cancellation
from server.domain.tasks import (
    check_in_out,
    dispute_decisions,
    disputes,
    minutes_offers,
    publication,
    reminders,
    service_confirmation,
)
from server.domain.tasks import claims as taking
from server.domain.tasks.disputes import Statement
from server.domain.working_time import SHANGHAI
from server.errors import NotFound, Refusal
from server.models import Dispute, Order, Payer, ServiceRecord, Task
from tests.domain.town import LIVES_WITH, Chosen, Town
from tests.factories import tasks

Verb = Callable[[Town, Chosen], Awaitable[object]]
OnRecord = Callable[[Town, Chosen, int], Awaitable[object]]


def of(things: list[int], it: Chosen) -> int:
    """The one that is meant, the newest before all others; NotFound where there is none yet."""
    if not things:
        raise NotFound
    return things[-1 - it.which % len(things)]


async def offer(town: Town, it: Chosen) -> None:
    need = of(town.needs, it)
    await minutes_offers.offer_minutes(need, it.amount, by=town.owner_of(need), now=town.now)


async def publish(town: Town, it: Chosen) -> None:
    payer = tuple(Payer)[it.amount % 3]
    told = {"starts_at": town.now + timedelta(hours=2), "ends_at": town.now + timedelta(hours=5), "payer": payer}
    asking = tasks.content(**told, reason="生活困难" if payer == Payer.POOL else "")
    task = await publication.publish_need(of(town.needs, it), asking, by=town.staff("赵站长"), now=town.now)
    town.tasks.append(task.id)


async def take_on(town: Town, it: Chosen) -> None:
    await taking.claim(of(town.tasks, it), by=town.people[it.who], now=town.now)


async def give_back(town: Town, it: Chosen) -> None:
    await taking.withdraw(of(town.tasks, it), by=await _volunteer(town, it), now=town.now)


async def _volunteer(town: Town, it: Chosen) -> int:
    """Who has the task, else anybody."""
    return (await Task.get(id=of(town.tasks, it))).volunteer_id or town.people[it.who]


async def confirm(town: Town, it: Chosen) -> None:
    await taking.confirm(of(town.tasks, it), by=town.staff("陈社工"), now=town.now)


async def start(town: Town, it: Chosen) -> None:
    await check_in_out.check_in(of(town.tasks, it), by=await _volunteer(town, it), now=town.now)


async def finish(town: Town, it: Chosen) -> None:
    task = of(town.tasks, it)
    await check_in_out.check_out(task, by=await _volunteer(town, it), now=town.now)
    town.records.append((await ServiceRecord.get(task_id=task)).id)


async def agree(town: Town, it: Chosen) -> None:
    task = await Task.get(id=of(town.tasks, it))
    assert task.need_id is not None
    await service_confirmation.confirm_by_beneficiary(task.id, by=town.owner_of(task.need_id), now=town.now)


async def agree_for(town: Town, it: Chosen) -> None:
    await service_confirmation.confirm_by_staff(
        of(town.tasks, it), how="电话核实", by=town.staff("陈社工"), now=town.now
    )


async def cancel(town: Town, it: Chosen) -> None:
    await task_cancellation.cancel(of(town.tasks, it), reason="不需要了", by=town.staff("陈社工"), now=town.now)


async def no_show(town: Town, it: Chosen) -> None:
    await task_cancellation.record_no_show(of(town.tasks, it), reason="没有来", by=town.staff("陈社工"), now=town.now)


async def dispute(town: Town, it: Chosen) -> None:
    await disputes.raise_dispute(
        of(town.tasks, it), Statement("没有来这么久"), by=await _volunteer(town, it), now=town.now
    )


async def appeal(town: Town, it: Chosen) -> None:
    await disputes.appeal(of(town.tasks, it), reason="请再核实", by=await _volunteer(town, it), now=town.now)


async def decide(town: Town, it: Chosen) -> None:
    """By the head, or after an appeal by the head station's."""
    task = of(town.tasks, it)
    appealed = await Dispute.exists(task_id=task, appealed_at__not_isnull=True)
    told = {"minutes": it.amount % 3 * 20, "decision": "按实际", "now": town.now}
    await dispute_decisions.decide(task, **told, by=town.staff("孙站长" if appealed else "赵站长"))  # type: ignore[arg-type]


async def look_after_task(town: Town, it: Chosen) -> None:
    await reminders.do_due_actions(of(town.tasks, it), now=town.now)


async def claim_time(town: Town, it: Chosen) -> None:
    began = town.now - timedelta(hours=it.amount)
    claim = Claim(town.station.id, began, began + timedelta(minutes=90), "陪老人散步")
    town.records.append((await claims.claim(claim, by=town.people[it.who], now=town.now)).id)


async def review(town: Town, it: Chosen, record: int) -> None:
    head, reason = it.amount % 2, "有照片为证" if it.amount % 2 else ""
    by = town.staff("赵站长" if head else "陈社工")
    await reviews.review(record, exception_reason=reason, by=by, now=town.now)


async def approve(town: Town, it: Chosen, record: int) -> None:
    """All of it, or some, and however silent they are."""
    told = Approval(it.amount if it.amount % 2 else None, "电话核实")
    await approval.approve(record, told, by=town.staff("林社工"), now=town.now)


async def decline(town: Town, it: Chosen, record: int) -> None:
    await reviews.decline(record, reason="没有这次服务", by=town.staff("林社工"), now=town.now)


async def reverse(town: Town, it: Chosen, record: int) -> None:
    await reversal.reverse(record, reason="时间记错了", by=town.staff("赵站长"), now=town.now)


def any_record(verb: OnRecord) -> Verb:
    async def done(town: Town, it: Chosen) -> None:
        await verb(town, it, of(town.records, it))

    return done


def of_task(verb: OnRecord) -> Verb:
    """Done to the record of the task that is meant."""

    async def done(town: Town, it: Chosen) -> None:
        record = await ServiceRecord.get_or_none(task_id=of(town.tasks, it))
        if record is None:
            raise NotFound
        await verb(town, it, record.id)

    return done


async def give(town: Town, it: Chosen) -> None:
    to = LIVES_WITH[it.who] if it.amount % 4 else it.which % 4
    await timebank.give(it.amount, to=town.people[to], by=town.people[it.who], now=town.now)


async def donate(town: Town, it: Chosen) -> None:
    await timebank.donate(it.amount, station_id=town.station.id, by=town.people[it.who], now=town.now)


async def claim_deed(town: Town, it: Chosen) -> None:
    deed = Deed(town.station.id, town.rule, "清扫楼道", town.now.astimezone(SHANGHAI).date())
    town.deeds.append((await points.claim(deed, by=town.people[it.who], now=town.now)).id)


async def approve_deed(town: Town, it: Chosen) -> None:
    await points.approve(of(town.deeds, it), by=town.staff("陈社工"), now=town.now)


async def refuse_deed(town: Town, it: Chosen) -> None:
    await points.refuse(of(town.deeds, it), reason="没有做", by=town.staff("陈社工"), now=town.now)


async def receive(town: Town, it: Chosen) -> None:
    gift = Gift(1 + it.amount % 5, "泸州某食品公司")
    made = await donations.receive(of(town.goods, it), gift, by=town.staff("陈社工"), now=town.now)
    town.donations.append(made.id)


async def take_back(town: Town, it: Chosen) -> None:
    await donations.reverse(of(town.donations, it), reason="录错了", by=town.staff("赵站长"), now=town.now)


async def count(town: Town, it: Chosen) -> None:
    told = {"counted_pieces": it.amount % 8, "reason": "月度盘点", "by": town.staff("赵站长"), "now": town.now}
    await stock_taking.count(of(town.goods, it), **told)  # type: ignore[arg-type]


async def order(town: Town, it: Chosen) -> None:
    """Of one good, or of both."""
    wanted = {of(town.goods, it): 1 + it.amount % 2} | dict.fromkeys(town.goods if it.amount % 3 == 0 else [], 1)
    made = await place_order.place(town.station.id, wanted, by=town.people[it.who], now=town.now)
    town.orders.append(made.id)


async def make_ready(town: Town, it: Chosen) -> None:
    await handover.make_ready(of(town.orders, it), by=town.staff("陈社工"), now=town.now)


async def hand_over(town: Town, it: Chosen) -> None:
    code = (await Order.get(id=of(town.orders, it))).pickup_code
    fetcher = town.people[it.who] if it.amount % 2 else None
    told = {"fetched_by": fetcher, "by": town.staff("林社工"), "now": town.now}
    await handover.hand_over(town.station.id, code, **told)  # type: ignore[arg-type]


async def call_off(town: Town, it: Chosen) -> None:
    made = await Order.get(id=of(town.orders, it))
    await cancellation.cancel(made.id, reason="不要了", by=made.person_id, now=town.now)


async def call_off_for(town: Town, it: Chosen) -> None:
    await cancellation.cancel_for(of(town.orders, it), reason="缺货", by=town.staff("陈社工"), now=town.now)


async def look_after_order(town: Town, it: Chosen) -> None:
    await cancellation.watch(of(town.orders, it), now=town.now)


RECORD: Mapping[str, OnRecord] = {"approve": approve, "decline": decline, "reverse": reverse}
NEED = (offer, publish, take_on, cancel)
TASK = (
    *(take_on, give_back, confirm, start, finish, agree, agree_for, cancel, no_show),
    *(dispute, appeal, decide, look_after_task),
)
ORDER = (make_ready, hand_over, call_off, call_off_for, look_after_order)
# What may meet at the same moment, because it is about the same thing.
THREADS: Mapping[str, Mapping[str, Verb]] = {
    "need": {verb.__name__: verb for verb in NEED},
    "task": {verb.__name__: verb for verb in TASK} | {f"{name}_task": of_task(on) for name, on in RECORD.items()},
    "record": {"claim_time": claim_time, "review": any_record(review)}
    | {name: any_record(on) for name, on in RECORD.items()},
    "order": {verb.__name__: verb for verb in ORDER},
    "good": {verb.__name__: verb for verb in (order, receive, take_back, count, hand_over, call_off)},
    "minutes": {verb.__name__: verb for verb in (give, donate, publish, offer)}
    | {name: any_record(on) for name, on in RECORD.items()},
    "deed": {verb.__name__: verb for verb in (claim_deed, approve_deed, refuse_deed, order)},
}
VERBS: Mapping[str, Verb] = {name: verb for thread in THREADS.values() for name, verb in thread.items()}
# What people usually do one after the other, with the newest of its kind, by its thread; tasks have more ways.
WAYS: Sequence[tuple[str, Sequence[str]]] = (
    ("record", ("claim_time", "review", "approve", "reverse")),
    ("order", ("order", "make_ready", "hand_over")),
    ("order", ("order", "order", "call_off")),
    ("good", ("receive", "order", "take_back")),
    ("deed", ("claim_deed", "approve_deed", "order")),
)
# Done again, these are another of the same.
MANY = frozenset({"order", "receive", "give", "donate"})


async def perform(name: str, town: Town, it: Chosen) -> bool:
    """Whether it was done, and not refused."""
    try:
        await VERBS[name](town, it)
    except Refusal:
        return False
    return True
