"""The activities of the demonstration: with free seats or a waiting list, a series, a finished one, a draft; venues."""

from datetime import datetime, time, timedelta
from typing import Any

from scripts import demo_lecture
from scripts.demo_cast import Cast
from scripts.demo_people import LANTIAN
from scripts.demo_plans import plan
from server.domain import venue_uses, venues
from server.domain.activities import drafts, publication, quiet_hours, series
from server.domain.activities.posts import NewPost
from server.domain.activities.series import Recurrence
from server.domain.bookings import booking, cancellation, volunteer_posts
from server.domain.bookings.party import Companion, PartyRequest
from server.domain.venues import NewVenue
from server.domain.working_time import SHANGHAI
from server.models import Activity, Booking, Post, VenueKind

VENUES = (
    (VenueKind.MULTI_PURPOSE, "多功能厅", 60),
    (VenueKind.DANCING, "排练室", 30),
    (VenueKind.READING, "阅览室", 20),
    (VenueKind.MEETING, "会议室", 12),
)
HEAD_STATION = ("江阳区",)
HEAD_STATION_VENUES = ((VenueKind.MULTI_PURPOSE, "培训室", 40), (VenueKind.COUNCIL, "议事厅", 20))
# The waiting list was last served this long ago, or before the quiet hours, so the offer is still open.
ASKED_BEFORE = timedelta(minutes=30)
BEFORE_THE_NIGHT = timedelta(minutes=10)


async def open_(cast: Cast) -> tuple[int, int]:
    """Create activities and bookings; return how many there are."""
    taken = await _venues(cast)
    await demo_lecture.held(cast, taken["阅览室"])
    for story in (health_check, paper_cutting, exercises, fair):
        await story(cast, taken)
    await homework(cast)
    return await Activity.all().count(), await Booking.all().count()


async def _venues(cast: Cast) -> dict[str, int]:
    """Create venues of 邻玉街道's station and of the county's head station; return the former by name."""
    head, at = cast.staff["zhaozhanzhang"], cast.ago(30, 11)
    made = [await venues.create(NewVenue(cast.station, *one), by=head, now=at) for one in VENUES]
    for kind, name, people in HEAD_STATION_VENUES:
        wanted = NewVenue(cast.stations[HEAD_STATION], kind, name, people)
        await venues.create(wanted, by=cast.staff["sunzhanzhang"], now=at)
    start = cast.next_saturday(14)
    await venue_uses.create(made[-1].id, (start, start + timedelta(hours=2)), "站务会", by=head, now=cast.ago(2, 11))
    return {venue.name: venue.id for venue in made}


async def _published(cast: Cast, told: dict[str, Any], *, at: datetime) -> Activity:
    worker = cast.staff["chenshegong"]
    draft = await drafts.create(cast.station, told, by=worker, now=at - timedelta(hours=1))
    return await publication.publish(draft.id, by=worker, now=at)


async def health_check(cast: Cast, taken: dict[str, int]) -> None:
    """Three of five seats are left: 小芳 comes with 王奶奶; 小李 helps at the entrance."""
    told = plan(
        cast.next_saturday(9),
        title="免费体检",
        text="社区医院上门，量血压、测血糖、做心电图。请空腹前来，带上以前的病历。",
        venue_id=taken["多功能厅"],
        category="elder_care",
        area_id=cast.village,
        seats=5,
        max_party_size=3,
        questions=[{"name": "breakfast", "label": "需要准备早餐吗", "kind": "yes_no", "options": [], "required": True}],
        posts=[NewPost("引导", 2, "带老人到各个检查点"), NewPost("签到", 1, "核对报名名单")],
        opens_at=cast.ago(4, 9),
        rule_id=await demo_lecture.rule_of(cast),
    )
    activity = await _published(cast, told, at=cast.ago(5, 10))
    family = PartyRequest((None, cast.people["wangnainai"]), {"breakfast": True})
    await booking.book(activity.id, family, by=cast.people["xiaofang"], now=cast.ago(3, 19))
    guide = await Post.get(activity_id=activity.id, title="引导")
    await volunteer_posts.take(activity.id, guide.id, by=cast.people["xiaoli"], now=cast.ago(2, 20))


async def paper_cutting(cast: Cast, taken: dict[str, int]) -> None:
    """Full: 罗嫂 gave up her seat, 小李 has an offer, 路遥 is next in line."""
    told = plan(
        cast.next_saturday(15),
        title="剪纸课：窗花",
        text="非遗传承人手把手教剪窗花，材料由站点准备。",
        venue_id=taken["阅览室"],
        category="culture",
        area_id=cast.village,
        seats=4,
        max_party_size=2,
        opens_at=cast.ago(6, 9),
    )
    activity = await _published(cast, told, at=cast.ago(7, 10))
    with_child = PartyRequest((None, Companion("周小宝", cast.now.year - 9)))
    await booking.book(activity.id, with_child, by=cast.people["zhoujie"], now=cast.ago(5, 12))
    seated = [await _alone(cast, activity, one, cast.ago(5, 13)) for one in ("luosao", "liushu")]
    for number, nickname in enumerate(("xiaoli", "luren")):
        await _alone(cast, activity, nickname, cast.ago(4, 12 + number))
    await cancellation.cancel(seated[0].id, by=cast.people["luosao"], now=await _lately(cast))


async def _alone(cast: Cast, activity: Activity, nickname: str, at: datetime) -> Booking:
    return await booking.book(activity.id, PartyRequest(), by=cast.people[nickname], now=at)


async def _lately(cast: Cast) -> datetime:
    """Return a recent moment outside the quiet hours, so that an offer made then is still open."""
    night, at = await quiet_hours.get_quiet_hours(), cast.now - ASKED_BEFORE
    return quiet_hours.quiet_from(at, night) - BEFORE_THE_NIGHT if quiet_hours.is_quiet(at, night) else at


async def exercises(cast: Cast, taken: dict[str, int]) -> None:
    """八段锦 every week; the first two are published, the others are drafts."""
    worker, at = cast.staff["chenshegong"], cast.ago(3, 15)
    told = plan(
        cast.next_saturday(8) + timedelta(days=1),
        title="八段锦晨练",
        text="跟着老师学八段锦，穿宽松的衣服和平底鞋。",
        venue_id=taken["排练室"],
        category="culture",
        area_id=cast.village,
        seats=20,
        opens_at=at,
    )
    first = await drafts.create(cast.station, told, by=worker, now=at)
    made = await series.create(first.id, Recurrence(1, times=3), by=worker, now=at)
    for one in (first, made.activities[0]):
        await publication.publish(one.id, by=worker, now=at)
    for number, nickname in enumerate(("zhangayi", "chenpo", "hedashu")):
        await _alone(cast, first, nickname, cast.ago(2, 9 + number))


async def fair(cast: Cast, _: dict[str, int]) -> None:
    """A draft, which only staff see."""
    told = plan(
        cast.next_saturday(10) + timedelta(days=14),
        title="邻里节游园会",
        text="猜灯谜、套圈、义剪，欢迎全家参加。",
        place="先锋村文化广场",
        category="civic_practice",
        area_id=cast.village,
        seats=80,
        max_party_size=5,
        posts=[NewPost("引导", 4), NewPost("摊位", 6, "看管游戏摊位")],
        opens_at=cast.next_saturday(9),
    )
    await drafts.create(cast.station, told, by=cast.staff["chenshegong"], now=cast.ago(1, 16))


async def homework(cast: Cast) -> None:
    """An activity of the neighbouring station, first for residents of its areas."""
    worker, at = cast.staff["zhoushegong"], cast.ago(2, 10)
    starts = cast.next_saturday(14)
    told = plan(
        starts,
        title="小学生作业辅导",
        text="大学生志愿者陪写作业，请带好课本。",
        place="蓝田街道社工站二楼",
        category="tutoring",
        area_id=cast.village,
        seats=10,
        opens_at=at,
        priority_until=datetime.combine(starts.date() - timedelta(days=1), time(9), SHANGHAI),
    )
    draft = await drafts.create(cast.stations[LANTIAN], told, by=worker, now=at)
    await publication.publish(draft.id, by=worker, now=at)
