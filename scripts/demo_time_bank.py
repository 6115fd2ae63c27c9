"""The time bank of the demonstration: volunteers, service, a household, and a public pool with minutes."""

from datetime import datetime, timedelta

from scripts.demo_cast import Cast
from server.domain import households, timebank
from server.domain.points import earning_rules
from server.domain.points.earning_rules import NewRule
from server.domain.service_records import approval
from server.domain.service_records.approval import Approval
from server.domain.tasks import check_in_out, claims, publication
from server.domain.tasks.publication import StationTask, TaskContent
from server.domain.volunteers import applications
from server.domain.volunteers import approval as volunteers_approval
from server.domain.volunteers.applications import Application
from server.models import RuleKind, ServiceRecord, Task, Volunteer

WEEKEND = (
    {"weekday": 6, "from_minute": 540, "until_minute": 1080},
    {"weekday": 7, "from_minute": 540, "until_minute": 720},
)
RULES = (
    NewRule(RuleKind.HOUR, "志愿服务时长", points=10, daily_cap=60, monthly_cap=600),
    NewRule(RuleKind.DEED, "参加院坝会", points=5, daily_cap=5, monthly_cap=30),
    NewRule(RuleKind.DEED, "义务清扫公共区域", points=10, daily_cap=10, monthly_cap=60),
    NewRule(RuleKind.DEED, "帮助调解邻里纠纷", points=20, daily_cap=20, monthly_cap=60, public_notice=True),
)
STATION_TASKS = (
    (20, "布置老年活动中心", "搬桌椅、贴窗花，需要两小时左右。", 120),
    (15, "整理爱心超市货架", "按保质期把物品重新摆放。", 150),
    (10, "教老人用智能手机", "一对一教老人视频通话、手机挂号。", 90),
)
TO_THE_POOL = 120


async def open_(cast: Cast) -> None:
    """Create volunteers with approved service, and one who waits for approval."""
    for story in (written_rules, approved_and_waiting, household, served, donated):
        await story(cast)


async def counted() -> tuple[int, int]:
    """Return the numbers of volunteers and service records."""
    return await Volunteer.all().count(), await ServiceRecord.all().count()


async def written_rules(cast: Cast) -> None:
    """The deeds for which 邻玉街道's station gives points."""
    for rule in RULES:
        await earning_rules.create(cast.station, rule, by=cast.staff["zhaozhanzhang"], now=cast.ago(30, 10))


async def approved_and_waiting(cast: Cast) -> None:
    """Approve 小李 as a volunteer; 小芳 waits for the station."""
    application = Application(
        "离王奶奶家近，周末都有空，会修小家电。", ["elder_care", "tutoring"], WEEKEND, show_in_rankings=True
    )
    volunteer = await applications.apply(application, by=cast.people["xiaoli"], now=cast.ago(25, 20))
    await volunteers_approval.approve(volunteer.id, by=cast.staff["chenshegong"], now=cast.ago(24, 10))
    application = Application(
        "师范大学三年级，可以辅导功课。", ["tutoring", "child_welfare"], WEEKEND, show_in_rankings=False
    )
    await applications.apply(application, by=cast.people["xiaofang"], now=cast.ago(1, 12))


async def household(cast: Cast) -> None:
    """Put 王奶奶 and 小芳 into one household, so that they may pick up each other's goods."""
    grandma, granddaughter = cast.people["wangnainai"], cast.people["xiaofang"]
    await households.create(by=grandma, now=cast.ago(12, 18))
    code, _ = await households.invite(by=grandma, now=cast.ago(12, 18, 5))
    await households.join(code, by=granddaughter, now=cast.ago(12, 18, 10))


async def served(cast: Cast) -> None:
    """Let 小李 do the station's tasks, for minutes and points."""
    worker, head = cast.staff["chenshegong"], cast.staff["zhaozhanzhang"]
    where = StationTask(cast.station, cast.village, "civic_practice", "邻玉街道老年活动中心")
    for day, title, text, minutes in STATION_TASKS:
        starts_at = cast.ago(day, 14)
        content = TaskContent(title, text, starts_at, starts_at + timedelta(minutes=minutes), expected_minutes=minutes)
        task = await publication.publish_station_task(where, content, by=worker, now=cast.ago(day + 2, 9))
        await serve(cast, task, minutes)
        record = await ServiceRecord.get(task_id=task.id)
        await approval.approve(record.id, Approval(), by=head, now=cast.ago(day - 1, 9))


async def serve(cast: Cast, task: Task, minutes: int) -> None:
    """Let 小李 claim the task a day before, be confirmed by 陈社工, and serve for this long."""
    volunteer, worker = cast.people["xiaoli"], cast.staff["chenshegong"]
    starts_at: datetime = task.starts_at
    await claims.claim(task.id, by=volunteer, now=starts_at - timedelta(hours=20))
    await claims.confirm(task.id, by=worker, now=starts_at - timedelta(hours=4))
    await check_in_out.check_in(task.id, by=volunteer, now=starts_at)
    await check_in_out.check_out(task.id, by=volunteer, now=starts_at + timedelta(minutes=minutes))


async def donated(cast: Cast) -> None:
    """Donate some of 小李's minutes to the pool for people in hardship."""
    await timebank.donate(TO_THE_POOL, station_id=cast.station, by=cast.people["xiaoli"], now=cast.ago(8, 20))
