"""The needs of the demonstration, submitted and served by the domain's verbs on the working days before today."""

from datetime import datetime, timedelta
from typing import Any

from scripts import demo_time_bank
from scripts.demo_cast import Cast
from scripts.demo_people import LANTIAN
from server.domain.needs import referrals, submit, triage
from server.domain.needs.submit import NeedSubmission
from server.domain.needs.triage import NoteContent
from server.domain.satisfaction import need_rating
from server.domain.satisfaction.need_rating import RatingContent
from server.domain.tasks import publication
from server.domain.tasks.publication import TaskContent
from server.models import Channel, Need, Payer, Urgency
from server.models.satisfaction import RatingTag, Solved


async def create_needs(cast: Cast) -> int:
    """Create needs, each in another state; return the number of all needs."""
    for story in STORIES:
        await story(cast)
    return await Need.all().count()


async def closed(cast: Cast) -> None:
    """Served, rated and closed."""
    need = await _submit(cast, "culture", "想参加社区的合唱队，不知道在哪里报名。", cast.ago(9, 15), by="xiaoli")
    await _accept_and_assign(cast, need, day=9)
    await _serve(cast, need, "已登记，合唱队每周三下午在邻江社区活动室排练。", day=8)
    comment = "很快就有答复，谢谢！"
    by, now = cast.people["xiaoli"], cast.ago(7, 20)
    await need_rating.rate(need.id, RatingContent(5, Solved.YES, [RatingTag.QUICK], comment), by=by, now=now)


async def overdue(cast: Cast) -> None:
    """Accepted and then not served: the job runner escalates it."""
    text = "邻居家门口长期堆放杂物，夏天有异味，多次沟通没有结果。"
    need = await _submit(cast, "mediation", text, cast.ago(8, 10), by="xiaoli")
    await triage.accept(need.id, by=cast.staff["chenshegong"], now=cast.ago(8, 16))


async def resolved(cast: Cast) -> None:
    """Waits for 王奶奶 to rate it."""
    need = await _submit(cast, "social_affairs", "想申请高龄津贴，不知道要带什么材料。", cast.ago(6, 9, 10))
    await _accept_and_assign(cast, need, day=6)
    await _serve(cast, need, "上门帮王奶奶填好申请表，并陪同到便民服务中心提交，下月起发放。", day=5)


async def declined(cast: Cast) -> None:
    need = await _submit(cast, "not_sure", "手机坏了，想请社工站帮忙修一下。", cast.ago(5, 14), by="xiaoli")
    reason, alternative_help = "手机维修不在社工站的服务范围内", "先锋村每月15日的便民维修日，可以免费检测手机"
    by, now = cast.staff["chenshegong"], cast.ago(5, 15)
    await triage.decline(need.id, reason=reason, alternative_help=alternative_help, by=by, now=now)


async def helped(cast: Cast) -> None:
    """Served by 小李; 王奶奶 confirms it next, then the station approves it."""
    text = "降压药快吃完了，社区医院要排队，想请人陪我去。"
    need = await _submit(cast, "elder_care", text, cast.ago(4, 9), may_share_contact=True)
    await _accept_and_assign(cast, need, day=4)
    begins, words = cast.ago(1, 9), "步行十分钟，帮忙排队、取药、提东西。"
    content = TaskContent("陪老人去社区医院取药", words, begins, begins + timedelta(hours=3), expected_minutes=120)
    task = await publication.publish_need(need.id, content, by=cast.staff["chenshegong"], now=cast.ago(3, 10))
    await demo_time_bank.serve(cast, task, minutes=100)


async def in_progress(cast: Cast) -> None:
    """Published to volunteers and paid by the public pool."""
    text = "孙子读四年级，数学跟不上，想找人周末辅导。"
    need = await _submit(cast, "tutoring", text, cast.ago(3, 10), help_times="周六下午", may_share_contact=True)
    await _accept_and_assign(cast, need, day=3)
    by, now = cast.staff["chenshegong"], cast.ago(2, 11)
    await triage.start(need.id, by=by, now=cast.ago(2, 9, 30))
    message, note = "已上门了解功课情况，正在为孩子找周末辅导的志愿者。", "奶奶听力不好，打电话要大声些。"
    await triage.add_note(need.id, NoteContent(note=note, message=message, service_minutes=25), by=by, now=now)
    begins, words = cast.next_saturday(14), "孩子读四年级，从分数开始补。在街道活动室辅导，有桌椅和黑板。"
    content = TaskContent(
        "周末辅导小学数学", words, begins, begins + timedelta(hours=2), 90, Payer.POOL, "家庭困难，无力支付时间"
    )
    await publication.publish_need(need.id, content, by=cast.staff["zhaozhanzhang"], now=cast.ago(2, 15))


async def referred(cast: Cast) -> None:
    """Waits for 周社工's station to accept or return it."""
    text = "女儿失业半年了，想找离家近的工作，也愿意参加培训。"
    need = await _submit(cast, "employment", text, cast.ago(2, 14))
    by, to = cast.staff["chenshegong"], cast.stations[LANTIAN]
    await triage.accept(need.id, by=by, now=cast.ago(2, 15))
    reason = "居民的女儿住在蓝田街道，贵站本月有家政培训班"
    await referrals.refer(need.id, to_station=to, reason=reason, by=by, now=cast.now)


async def assigned(cast: Cast) -> None:
    text = "楼道的灯坏了半个月，晚上出门怕摔倒。"
    need = await _submit(cast, "community_governance", text, cast.ago(2, 9), by="xiaoli")
    await _accept_and_assign(cast, need, day=2)


async def confidential(cast: Cast) -> None:
    """Readable for 小李 and the station's head only; other lists show just the category."""
    text = "最近晚上睡不着，心里总是很烦，想找人聊聊。"
    need = await _submit(cast, "counselling", text, cast.ago(1, 16), by="xiaoli")
    await triage.accept(need.id, by=cast.staff["zhaozhanzhang"], now=cast.ago(1, 16, 30))


async def at_the_counter(cast: Cast) -> None:
    """Entered for a person without WeChat, who takes home a slip with a query code."""
    submission = _submission(
        "disability",
        "轮椅的轮子坏了，想借一台备用的。",
        name="刘大爷",
        phone="13800000004",
        area_id=cast.village,
    )
    by, now = cast.staff["chenshegong"], cast.ago(1, 9, 40)
    await submit.submit_by_staff(submission, by=by, for_person=None, channel=Channel.COUNTER, now=now)


async def submitted(cast: Cast) -> None:
    """The newest need of 王奶奶, not opened yet."""
    text = "白天家里没人，我腿脚不便，想请人每周帮忙买一次菜和降压药。"
    await _submit(cast, "elder_care", text, cast.now - timedelta(minutes=20), help_times="工作日上午")


STORIES = (
    closed, overdue, resolved, declined, helped, in_progress, referred, assigned, confidential, at_the_counter,
    submitted,
)  # fmt: skip
CONTACTS = {"wangnainai": ("王秀英", "13800000001"), "xiaoli": ("李明", "13800000002")}


def _submission(category: str, text: str, *, name: str, phone: str, **more: Any) -> NeedSubmission:
    return NeedSubmission(category, text, Urgency.NORMAL, contact_name=name, contact_phone=phone, **more)


async def _submit(cast: Cast, category: str, text: str, at: datetime, *, by: str = "wangnainai", **more: Any) -> Need:
    name, phone = CONTACTS[by]
    return await submit.submit_by_resident(
        _submission(category, text, name=name, phone=phone, **more), by=cast.people[by], now=at
    )


async def _accept_and_assign(cast: Cast, need: Need, *, day: int) -> None:
    """Accept the need as 陈社工 in the afternoon; 赵站长 assigns it to her."""
    worker, head = cast.staff["chenshegong"], cast.staff["zhaozhanzhang"]
    await triage.accept(need.id, by=worker, now=cast.ago(day, 15, 40))
    await triage.assign(need.id, worker_id=worker.person_id, by=head, now=cast.ago(day, 16, 20))


async def _serve(cast: Cast, need: Need, outcome: str, *, day: int) -> None:
    worker = cast.staff["chenshegong"]
    await triage.start(need.id, by=worker, now=cast.ago(day, 9))
    await triage.resolve(need.id, outcome=outcome, service_minutes=50, by=worker, now=cast.ago(day, 16))
