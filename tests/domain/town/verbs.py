"""The verbs of the people in the town, by the subject they act on. Each verb may be refused."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from server.domain import timebank
from server.domain.orders import cancellation, handover, place_order
from server.domain.points import deeds as points
from server.domain.points.deeds import DeedClaim
from server.domain.service_records import approval, claims, reversal, reviews
from server.domain.service_records.approval import Approval
from server.domain.service_records.claims import Claim
from server.domain.supermarket import donations, stock_taking
from server.domain.supermarket.donations import DonatedPieces
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
from tests.domain.town import LIVES_WITH, Choice, Town
from tests.factories import tasks

Verb = Callable[[Town, Choice], Awaitable[object]]
OnRecord = Callable[[Town, Choice, int], Awaitable[object]]


def pick(ids: list[int], choice: Choice) -> int:
    """Return the chosen id, counted from the newest. Raises `NotFound` if there is none yet."""
    if not ids:
        raise NotFound
    return ids[-1 - choice.which % len(ids)]


async def offer(town: Town, choice: Choice) -> None:
    need = pick(town.needs, choice)
    await minutes_offers.offer_minutes(need, choice.amount, by=town.owner_of(need), now=town.now)


async def publish(town: Town, choice: Choice) -> None:
    payer = tuple(Payer)[choice.amount % 3]
    fields = {"starts_at": town.now + timedelta(hours=2), "ends_at": town.now + timedelta(hours=5), "payer": payer}
    content = tasks.content(**fields, reason="生活困难" if payer == Payer.POOL else "")
    task = await publication.publish_need(pick(town.needs, choice), content, by=town.staff("赵站长"), now=town.now)
    town.tasks.append(task.id)


async def claim_task(town: Town, choice: Choice) -> None:
    await taking.claim(pick(town.tasks, choice), by=town.people[choice.who], now=town.now)


async def withdraw_claim(town: Town, choice: Choice) -> None:
    await taking.withdraw(pick(town.tasks, choice), by=await _volunteer(town, choice), now=town.now)


async def _volunteer(town: Town, choice: Choice) -> int:
    """Return the volunteer of the task, or the chosen person if it has none."""
    return (await Task.get(id=pick(town.tasks, choice))).volunteer_id or town.people[choice.who]


async def confirm(town: Town, choice: Choice) -> None:
    await taking.confirm(pick(town.tasks, choice), by=town.staff("陈社工"), now=town.now)


async def start(town: Town, choice: Choice) -> None:
    await check_in_out.check_in(pick(town.tasks, choice), by=await _volunteer(town, choice), now=town.now)


async def finish(town: Town, choice: Choice) -> None:
    task = pick(town.tasks, choice)
    await check_in_out.check_out(task, by=await _volunteer(town, choice), now=town.now)
    town.records.append((await ServiceRecord.get(task_id=task)).id)


async def confirm_by_beneficiary(town: Town, choice: Choice) -> None:
    task = await Task.get(id=pick(town.tasks, choice))
    assert task.need_id is not None
    await service_confirmation.confirm_by_beneficiary(task.id, by=town.owner_of(task.need_id), now=town.now)


async def confirm_by_staff(town: Town, choice: Choice) -> None:
    await service_confirmation.confirm_by_staff(
        pick(town.tasks, choice), how="电话核实", by=town.staff("陈社工"), now=town.now
    )


async def cancel(town: Town, choice: Choice) -> None:
    await task_cancellation.cancel(pick(town.tasks, choice), reason="不需要了", by=town.staff("陈社工"), now=town.now)


async def no_show(town: Town, choice: Choice) -> None:
    await task_cancellation.record_no_show(
        pick(town.tasks, choice), reason="没有来", by=town.staff("陈社工"), now=town.now
    )


async def dispute(town: Town, choice: Choice) -> None:
    await disputes.raise_dispute(
        pick(town.tasks, choice), Statement("没有来这么久"), by=await _volunteer(town, choice), now=town.now
    )


async def appeal(town: Town, choice: Choice) -> None:
    await disputes.appeal(pick(town.tasks, choice), reason="请再核实", by=await _volunteer(town, choice), now=town.now)


async def decide(town: Town, choice: Choice) -> None:
    """Decide as the head, or after an appeal as the head station's head."""
    task = pick(town.tasks, choice)
    appealed = await Dispute.exists(task_id=task, appealed_at__not_isnull=True)
    fields = {"minutes": choice.amount % 3 * 20, "decision": "按实际", "now": town.now}
    await dispute_decisions.decide(task, **fields, by=town.staff("孙站长" if appealed else "赵站长"))  # type: ignore[arg-type]


async def run_task_job(town: Town, choice: Choice) -> None:
    await reminders.do_due_actions(pick(town.tasks, choice), now=town.now)


async def claim_hours(town: Town, choice: Choice) -> None:
    began = town.now - timedelta(hours=choice.amount)
    claim = Claim(town.station.id, began, began + timedelta(minutes=90), "陪老人散步")
    town.records.append((await claims.claim(claim, by=town.people[choice.who], now=town.now)).id)


async def review(town: Town, choice: Choice, record: int) -> None:
    head, reason = choice.amount % 2, "有照片为证" if choice.amount % 2 else ""
    by = town.staff("赵站长" if head else "陈社工")
    await reviews.review(record, exception_reason=reason, by=by, now=town.now)


async def approve(town: Town, choice: Choice, record: int) -> None:
    """Approve all or some of the minutes, also if the beneficiary has not confirmed."""
    approved = Approval(choice.amount if choice.amount % 2 else None, "电话核实")
    await approval.approve(record, approved, by=town.staff("林社工"), now=town.now)


async def decline(town: Town, choice: Choice, record: int) -> None:
    await reviews.decline(record, reason="没有这次服务", by=town.staff("林社工"), now=town.now)


async def reverse(town: Town, choice: Choice, record: int) -> None:
    await reversal.reverse(record, reason="时间记错了", by=town.staff("赵站长"), now=town.now)


def on_record(verb: OnRecord) -> Verb:
    async def done(town: Town, choice: Choice) -> None:
        await verb(town, choice, pick(town.records, choice))

    return done


def on_record_of_task(verb: OnRecord) -> Verb:
    """Return the verb for the record of the chosen task."""

    async def done(town: Town, choice: Choice) -> None:
        record = await ServiceRecord.get_or_none(task_id=pick(town.tasks, choice))
        if record is None:
            raise NotFound
        await verb(town, choice, record.id)

    return done


async def give(town: Town, choice: Choice) -> None:
    to = LIVES_WITH[choice.who] if choice.amount % 4 else choice.which % 4
    await timebank.give(choice.amount, to=town.people[to], by=town.people[choice.who], now=town.now)


async def donate(town: Town, choice: Choice) -> None:
    await timebank.donate(choice.amount, station_id=town.station.id, by=town.people[choice.who], now=town.now)


async def claim_deed(town: Town, choice: Choice) -> None:
    deed = DeedClaim(town.station.id, town.rule, "清扫楼道", town.now.astimezone(SHANGHAI).date())
    town.deeds.append((await points.claim(deed, by=town.people[choice.who], now=town.now)).id)


async def approve_deed(town: Town, choice: Choice) -> None:
    await points.approve(pick(town.deeds, choice), by=town.staff("陈社工"), now=town.now)


async def refuse_deed(town: Town, choice: Choice) -> None:
    await points.refuse(pick(town.deeds, choice), reason="没有做", by=town.staff("陈社工"), now=town.now)


async def receive(town: Town, choice: Choice) -> None:
    gift = DonatedPieces(1 + choice.amount % 5, "泸州某食品公司")
    made = await donations.receive(pick(town.goods, choice), gift, by=town.staff("陈社工"), now=town.now)
    town.donations.append(made.id)


async def reverse_donation(town: Town, choice: Choice) -> None:
    await donations.reverse(pick(town.donations, choice), reason="录错了", by=town.staff("赵站长"), now=town.now)


async def count(town: Town, choice: Choice) -> None:
    fields = {"counted_pieces": choice.amount % 8, "reason": "月度盘点", "by": town.staff("赵站长"), "now": town.now}
    await stock_taking.count(pick(town.goods, choice), **fields)  # type: ignore[arg-type]


async def order(town: Town, choice: Choice) -> None:
    """Order one good, or both."""
    wanted = {pick(town.goods, choice): 1 + choice.amount % 2} | dict.fromkeys(
        town.goods if choice.amount % 3 == 0 else [], 1
    )
    made = (await place_order.place(town.station.id, wanted, by=town.people[choice.who], now=town.now)).order
    town.orders.append(made.id)


async def make_ready(town: Town, choice: Choice) -> None:
    await handover.mark_ready(pick(town.orders, choice), by=town.staff("陈社工"), now=town.now)


async def hand_over(town: Town, choice: Choice) -> None:
    code = (await Order.get(id=pick(town.orders, choice))).pickup_code
    fetcher = town.people[choice.who] if choice.amount % 2 else None
    fields = {"fetched_by": fetcher, "by": town.staff("林社工"), "now": town.now}
    await handover.hand_over(town.station.id, code, **fields)  # type: ignore[arg-type]


async def cancel_order(town: Town, choice: Choice) -> None:
    made = await Order.get(id=pick(town.orders, choice))
    await cancellation.cancel(made.id, reason="不要了", by=made.person_id, now=town.now)


async def cancel_order_by_staff(town: Town, choice: Choice) -> None:
    await cancellation.cancel_by_station(
        pick(town.orders, choice), reason="缺货", by=town.staff("陈社工"), now=town.now
    )


async def run_order_job(town: Town, choice: Choice) -> None:
    await cancellation.remind_or_expire(pick(town.orders, choice), now=town.now)


RECORD: Mapping[str, OnRecord] = {"approve": approve, "decline": decline, "reverse": reverse}
NEED = (offer, publish, claim_task, cancel)
TASK = (
    *(claim_task, withdraw_claim, confirm, start, finish, confirm_by_beneficiary, confirm_by_staff, cancel, no_show),
    *(dispute, appeal, decide, run_task_job),
)
ORDER = (make_ready, hand_over, cancel_order, cancel_order_by_staff, run_order_job)
# Verbs that may run at once, because they act on the same subject.
VERBS_BY_SUBJECT: Mapping[str, Mapping[str, Verb]] = {
    "need": {verb.__name__: verb for verb in NEED},
    "task": {verb.__name__: verb for verb in TASK}
    | {f"{name}_task": on_record_of_task(on) for name, on in RECORD.items()},
    "record": {"claim_hours": claim_hours, "review": on_record(review)}
    | {name: on_record(on) for name, on in RECORD.items()},
    "order": {verb.__name__: verb for verb in ORDER},
    "good": {verb.__name__: verb for verb in (order, receive, reverse_donation, count, hand_over, cancel_order)},
    "minutes": {verb.__name__: verb for verb in (give, donate, publish, offer)}
    | {name: on_record(on) for name, on in RECORD.items()},
    "deed": {verb.__name__: verb for verb in (claim_deed, approve_deed, refuse_deed, order)},
}
VERBS: Mapping[str, Verb] = {name: verb for verbs in VERBS_BY_SUBJECT.values() for name, verb in verbs.items()}
# Usual sequences of verbs on the newest of their subject; for tasks see `next_step`.
USUAL_SEQUENCES: Sequence[tuple[str, Sequence[str]]] = (
    ("record", ("claim_hours", "review", "approve", "reverse")),
    ("order", ("order", "make_ready", "hand_over")),
    ("order", ("order", "order", "cancel_order")),
    ("good", ("receive", "order", "reverse_donation")),
    ("deed", ("claim_deed", "approve_deed", "order")),
)
# Repeating these verbs makes another row.
REPEATABLE = frozenset({"order", "receive", "give", "donate"})


async def perform(name: str, town: Town, choice: Choice) -> bool:
    """Perform the verb; return False if it is refused."""
    try:
        await VERBS[name](town, choice)
    except Refusal:
        return False
    return True
