"""Activities 活动 as station staff draft, change and read them."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from miniprogram_contract.areas import AreaReference
from miniprogram_contract.base import Changes, ContractModel, Id, Moment, line, prose, wrong
from miniprogram_contract.photos import PhotoLinks
from miniprogram_contract.stations import Location, StationReference

# A field that is left out stays as it is.
LEFT_OUT: Any = None
SEATS_MOST = 10_000


class ActivityPhase(StrEnum):
    """The phase of an activity: its status and the time together."""

    DRAFT = "draft"
    PUBLISHED = "published"
    BOOKING_OPEN = "booking_open"
    BOOKING_CLOSED = "booking_closed"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


PHASE_WORDS = {
    ActivityPhase.DRAFT: "草稿",
    ActivityPhase.PUBLISHED: "即将开放报名",
    ActivityPhase.BOOKING_OPEN: "报名中",
    ActivityPhase.BOOKING_CLOSED: "报名已截止",
    ActivityPhase.RUNNING: "进行中",
    ActivityPhase.FINISHED: "已结束",
    ActivityPhase.CANCELLED: "已取消",
}


class QuestionKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"
    CHOICE = "choice"


class _Question(ContractModel):
    """A question asked at booking."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,29}$")] = Field(
        description="The answer's key", examples=["health_card"]
    )
    label: line(60) = Field(description="As people read it")  # type: ignore[valid-type]
    kind: QuestionKind = Field(description="`number`: a whole number from 0 on; `text`: at most 200 characters")


class Question(_Question):
    """A question asked at booking."""

    options: list[str] = Field(description="For a `choice`; else empty")
    required: bool


class NewQuestion(_Question):
    """A question to ask at booking."""

    options: list[line(30)] = Field(default=[], max_length=20, description="For a `choice`: two or more")  # type: ignore[valid-type]
    required: bool = False

    @model_validator(mode="after")
    def _options_of_choice(self) -> Self:
        if (self.kind == QuestionKind.CHOICE) != (len(self.options) > 1):
            raise wrong("options", "选择题须有两个以上的选项，其他问题没有选项")
        if len(set(self.options)) != len(self.options):
            raise wrong("options", "选项不能重复")
        return self


class NewPost(ContractModel):
    """A post for volunteers, and how many of them."""

    title: line(20)  # type: ignore[valid-type]
    text: prose(200, 0) = ""  # type: ignore[valid-type]
    places: int = Field(ge=1, le=1_000, strict=True)

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "签到", "text": "提前半小时到", "places": 2}]})


class PostChanges(Changes):
    """Changes of a post."""

    title: line(20) = LEFT_OUT  # type: ignore[valid-type]
    text: prose(200, 0) = LEFT_OUT  # type: ignore[valid-type]
    places: int = Field(LEFT_OUT, ge=0, le=1_000, strict=True, description="Not fewer than are taken")

    model_config = ConfigDict(json_schema_extra={"examples": [{"places": 3}]})


class StaffPostDetail(ContractModel):
    """A post as staff see it."""

    id: Id
    title: str
    text: str
    places: int
    places_taken: int = Field(description="Places that volunteers have")


def _distinct(name: str, problem: str) -> AfterValidator:
    def check(items: list[Any]) -> list[Any]:
        if len({getattr(item, name) for item in items}) != len(items):
            raise ValueError(problem)
        return items

    return AfterValidator(check)


Questions = Annotated[list[NewQuestion], Field(max_length=8), _distinct("name", "问题的代号不能重复")]
Seats = Annotated[int, Field(ge=0, le=SEATS_MOST, strict=True)]
Party = Annotated[int, Field(ge=1, le=20, strict=True)]
Age = Annotated[int, Field(ge=0, le=120, strict=True)]
NewPosts = Annotated[list[NewPost], Field(max_length=20), _distinct("title", "岗位名称不能重复")]
AreaIds = Annotated[list[Id], Field(max_length=100)]
PhotoIds = Annotated[list[Id], Field(max_length=9)]

TITLE, TEXT, PLACE = line(60), prose(2000), line(200)

DRAFT_EXAMPLE: dict[str, Any] = {
    "station_id": 7,
    "category": "culture",
    "area_id": 42,
    "title": "重阳节免费体检",
    "text": "请空腹前来，带上身份证。",
    "place": "社工站一楼大厅",
    "starts_at": "2026-12-15T09:00:00+08:00",
    "ends_at": "2026-12-15T11:30:00+08:00",
    "booking_opens_at": "2026-12-01T09:00:00+08:00",
    "priority_until": "2026-12-03T09:00:00+08:00",
    "booking_closes_at": "2026-12-14T18:00:00+08:00",
    "cancellation_until": "2026-12-14T18:00:00+08:00",
    "seats": 50,
    "max_party_size": 3,
    "min_age": 60,
    "questions": [{"name": "breakfast", "label": "需要早餐吗", "kind": "yes_no", "required": True}],
    "posts": [{"title": "引导", "text": "带老人到诊室", "places": 2}],
}


class NewActivity(ContractModel):
    """A draft: only staff see it before it is published."""

    station_id: Id
    category: line(40) = Field(description="Code of a category")  # type: ignore[valid-type]
    area_id: Id = Field(description="Area where it takes place")
    title: TITLE  # type: ignore[valid-type]
    text: TEXT  # type: ignore[valid-type]
    place: PLACE | None = Field(None, description="Null: the venue's name; needed without a venue")  # type: ignore[valid-type]
    venue_id: Id | None = Field(None, description="A venue of the station, reserved from start to end")
    starts_at: Moment = Field(description="In the future, at most two years ahead")
    ends_at: Moment = Field(description="In the future, after the start, at most 7 days later")
    booking_opens_at: Moment = Field(
        description="May be in the past: booking opens with publication; at most two years before the start"
    )
    priority_until: Moment | None = Field(
        None,
        description="After booking opens, no later than it closes; until then only residents of the covered areas may "
        "book",
    )
    booking_closes_at: Moment = Field(description="In the future, after booking opens, no later than the end")
    cancellation_until: Moment = Field(
        description="After booking opens, no later than the start; a later cancellation is late"
    )
    seats: Seats = Field(description="No more than the venue holds; 0: volunteers only")
    max_party_size: Party = Field(1, description="Maximum number of seats of one booking")
    min_age: Age | None = None
    max_age: Age | None = Field(None, description="No less than `min_age`")
    for_area_ids: AreaIds = Field(default=[], description="Only for residents of these areas; empty: for everybody")
    questions: Questions = Field(default=[], description="Asked at booking; at most 8")
    rule_id: Id | None = Field(
        None, description="The station's rule of kind `activity`, by which attendance earns points"
    )
    photo_ids: PhotoIds = Field(default=[], description="Ids from `POST /photos`")
    posts: NewPosts = Field(default=[], description="Volunteers' places, beside the seats")

    model_config = ConfigDict(json_schema_extra={"examples": [DRAFT_EXAMPLE]})


class ActivityChanges(Changes):
    """Changes of an activity, by the rules of a new one. Its station cannot change; posts have their own paths.

    Of a published activity only title, text, place, venue, start, end, `booking_closes_at`, `cancellation_until` and
    seats can change. Once it has begun, its start and place cannot. When the start changes, the three times after it
    move along unless they are given.
    """

    category: line(40) = LEFT_OUT  # type: ignore[valid-type]
    area_id: Id = LEFT_OUT
    title: TITLE = LEFT_OUT  # type: ignore[valid-type]
    text: TEXT = LEFT_OUT  # type: ignore[valid-type]
    place: PLACE | None = Field(  # type: ignore[valid-type]
        None, description="Null, or left out with another venue: the venue's name"
    )
    venue_id: Id | None = Field(None, description="Null: no venue of the station")
    starts_at: Moment = Field(LEFT_OUT, description="In the future, at most two years ahead")
    ends_at: Moment = Field(LEFT_OUT, description="In the future, after the start, at most 7 days later")
    booking_opens_at: Moment = LEFT_OUT
    priority_until: Moment | None = None
    booking_closes_at: Moment = Field(LEFT_OUT, description="In the future, after booking opens, no later than the end")
    cancellation_until: Moment = Field(LEFT_OUT, description="After booking opens, no later than the start")
    seats: Seats = Field(LEFT_OUT, description="No fewer than booked and offered, no more than the venue holds")
    max_party_size: Party = LEFT_OUT
    min_age: Age | None = None
    max_age: Age | None = None
    for_area_ids: AreaIds = Field(LEFT_OUT, description="All of them")
    questions: Questions = Field(LEFT_OUT, description="All of them")
    rule_id: Id | None = None
    photo_ids: PhotoIds = Field(LEFT_OUT, description="All photos, also those that stay")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"starts_at": "2026-12-16T09:00:00+08:00", "place": "社工站二楼会议室"}]}
    )


class StaffActivityAction(StrEnum):
    """The last part of the path that does it."""

    CHANGES = "changes"
    PUBLICATION = "publication"
    CANCELLATION = "cancellation"
    FINISH = "finish"
    DISCARDING = "discarding"
    COPY = "copy"
    SERIES = "series"
    POSTS = "posts"
    BOOKINGS = "bookings"
    CHECK_INS = "check-ins"
    CHECK_OUTS = "check-outs"
    SCANS = "scans"
    ATTENDANCE = "attendance"


class StaffActivityDetail(ContractModel):
    """An activity with everything that its station sees."""

    id: Id
    phase: ActivityPhase
    phase_words: str
    station: StationReference
    series_id: Id | None
    category: str
    category_name: str
    area: AreaReference
    title: str
    text: str
    place: str
    venue_id: Id | None
    venue_name: str | None
    starts_at: Moment
    ends_at: Moment
    booking_opens_at: Moment
    priority_until: Moment | None
    booking_closes_at: Moment
    cancellation_until: Moment
    seats: int
    seats_taken: int = Field(description="Booked")
    seats_held: int = Field(description="Held for offers in the waiting list")
    seats_free: int
    waiting_bookings: int = Field(description="Waiting bookings")
    max_party_size: int
    min_age: int | None
    max_age: int | None
    for_areas: list[AreaReference] = Field(description="Only for residents of these areas; empty: for everybody")
    questions: list[Question]
    rule_id: Id | None
    posts: list[StaffPostDetail]
    photos: list[PhotoLinks]
    poster: str = Field(description="A link to the poster for phones (PNG), valid for an hour; `&size=a4`: to print")
    location: Location | None = Field(description="Always in gcj02; null: not known")
    created_by: str = Field(description="A worker's name")
    created_at: Moment
    published_by: str | None
    published_at: Moment | None
    ended_at: Moment | None = Field(description="Finished or cancelled")
    end_reason: str = Field(description="Why it was cancelled; everybody booked reads it")
    allowed_actions: list[StaffActivityAction] = Field(
        description="Steps the caller can take now as staff of its station; `posts` adds one",
        examples=[["changes", "cancellation"]],
    )


class ActivityCancellation(ContractModel):
    """The reason, which everybody booked or waiting reads."""

    reason: line(200)  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "当天有暴雨"}]})
