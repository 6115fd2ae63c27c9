"""A finished lecture of the demonstration, with attendance, a no-show, a volunteer's hours, points and ratings."""

from datetime import datetime, timedelta

from scripts.demo_cast import Cast
from scripts.demo_plans import plan
from server.domain.activities import attendance_points, cancel_and_finish, drafts, publication
from server.domain.activities.posts import NewPost
from server.domain.bookings import booking, volunteer_posts
from server.domain.bookings.party import PartyRequest
from server.domain.check_ins import codes, self_check_in, staff_check_in
from server.domain.check_ins.staff_check_in import Selection
from server.domain.points import earning_rules
from server.domain.points.earning_rules import NewRule
from server.domain.satisfaction import activity_rating
from server.domain.service_records import approval
from server.domain.service_records.approval import Approval
from server.domain.volunteers import applications
from server.domain.volunteers import approval as volunteers_approval
from server.domain.volunteers.applications import Application
from server.models import Activity, Attendee, EarningRule, Post, RuleKind, ServiceRecord
from server.models.satisfaction import RatingTag

RULE = NewRule(RuleKind.ACTIVITY, "参加站点活动", points=5, daily_cap=5, monthly_cap=30)
BY_PHONE, BY_LIST, ABSENT = ("zhangayi", "liushu", "chenpo", "zhoujie"), "luosao", "hedashu"
KIND, CLEAR, SKILLED, UNCLEAR = RatingTag.KIND, RatingTag.CLEAR, RatingTag.SKILLED, RatingTag.UNCLEAR
SAID = (
    ("wangnainai", 5, [KIND, CLEAR], "讲得明白，案例就像身边的事。"),
    ("zhangayi", 5, [SKILLED], "律师很专业，还留了咨询电话。"),
    ("liushu", 4, [CLEAR], ""),
    ("chenpo", 5, [KIND], "希望以后多办这样的讲座。"),
    ("zhoujie", 3, [UNCLEAR], "后排听不太清，建议用音箱。"),
)


async def rule_of(cast: Cast) -> int:
    """Create the rule for attendance points at 邻玉街道's station."""
    rule = await EarningRule.get(station_id=cast.station, title=RULE.title)
    return int(rule.id)


async def held(cast: Cast, venue_id: int) -> None:
    """Publish, book, hold and finish the lecture last week, with ratings."""
    await earning_rules.create(cast.station, RULE, by=cast.staff["zhaozhanzhang"], now=cast.ago(30, 10))
    activity = await _announced(cast, venue_id)
    post = await Post.get(activity_id=activity.id)
    for number, nickname in enumerate((*BY_PHONE, BY_LIST, ABSENT)):
        await booking.book(activity.id, PartyRequest(), by=cast.people[nickname], now=cast.ago(10, 12, number))
    family = PartyRequest((None, cast.people["wangnainai"]))
    await booking.book(activity.id, family, by=cast.people["xiaofang"], now=cast.ago(10, 13))
    await _volunteer(cast)
    await volunteer_posts.take(activity.id, post.id, by=cast.people["huangyan"], now=cast.ago(9, 9))
    await _came(cast, activity)
    await _over(cast, activity)


async def _announced(cast: Cast, venue_id: int) -> Activity:
    worker = cast.staff["chenshegong"]
    told = plan(
        cast.ago(6, 14),
        title="民法典讲座：邻里那些事",
        text="律师讲相邻关系、楼道杂物、漏水纠纷怎么处理，现场答疑。",
        venue_id=venue_id,
        category="civic_practice",
        area_id=cast.village,
        seats=12,
        max_party_size=3,
        posts=[NewPost("签到", 1, "引导入座、核对名单")],
        opens_at=cast.ago(11, 9),
        rule_id=await rule_of(cast),
    )
    draft = await drafts.create(cast.station, told, by=worker, now=cast.ago(12, 10))
    return await publication.publish(draft.id, by=worker, now=cast.ago(11, 9))


async def _volunteer(cast: Cast) -> None:
    told = Application("退休教师，平时有空。", ["civic_practice"], [], show_in_rankings=True)
    volunteer = await applications.apply(told, by=cast.people["huangyan"], now=cast.ago(15, 20))
    await volunteers_approval.approve(volunteer.id, by=cast.staff["chenshegong"], now=cast.ago(14, 10))


async def _came(cast: Cast, activity: Activity) -> None:
    """Check in the volunteer first, most people by the code, and 罗嫂 from the list."""
    await _by_code(cast, activity, "huangyan", activity.starts_at - timedelta(minutes=30))
    for number, nickname in enumerate(("xiaofang", *BY_PHONE)):
        await _by_code(cast, activity, nickname, activity.starts_at - timedelta(minutes=10 - number))
    hers = await Attendee.get(activity_id=activity.id, person_id=cast.people[BY_LIST])
    await staff_check_in.check_in(
        activity.id, Selection([hers.id]), by=cast.staff["chenshegong"].person_id, now=activity.starts_at
    )


async def _by_code(cast: Cast, activity: Activity, nickname: str, at: datetime) -> None:
    await self_check_in.check_in(activity.id, codes.current_code(activity, at).text, by=cast.people[nickname], now=at)


async def _over(cast: Cast, activity: Activity) -> None:
    """Finish it, give points, approve the volunteer's hours, and rate it."""
    left_at = activity.ends_at + timedelta(minutes=5)
    code = codes.current_code(activity, left_at).text
    left = await self_check_in.check_out(activity.id, code, by=cast.people["huangyan"], now=left_at)
    ended_at = activity.ends_at + timedelta(minutes=15)
    await cancel_and_finish.finish(activity.id, by=cast.staff["chenshegong"], now=ended_at)
    await attendance_points.reward(activity.id, after=0, now=ended_at)
    record: ServiceRecord = left.record
    await approval.approve(record.id, Approval(), by=cast.staff["zhaozhanzhang"], now=cast.ago(5, 9))
    for nickname, stars, tags, comment in SAID:
        by, now = cast.people[nickname], cast.ago(5, 19)
        await activity_rating.rate(activity.id, stars=stars, tags=tags, comment=comment, by=by, now=now)
