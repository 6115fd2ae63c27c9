"""Drafts: created by staff of an operating station, edited, discarded."""

from datetime import timedelta

import pytest

from server.domain import photos
from server.domain.activities import changes as activities_changes
from server.domain.activities import drafts, staff_queries
from server.domain.activities.posts import NewPost
from server.errors import (
    ActivityNotDraft,
    CategoryNotAvailable,
    InvalidActivityPlan,
    NotAllowed,
    NotFound,
    PhotoNotAvailable,
    PlaceRequired,
    RuleNotAvailable,
    StationNotOperating,
    VenueTaken,
    VenueTooSmall,
)
from server.models import (
    Activity,
    ActivityArea,
    ActivityStatus,
    Area,
    AreaEdition,
    AreaSuccessor,
    AuditEntry,
    Category,
    Post,
    RuleKind,
    Station,
    VenueUse,
)
from tests import factories
from tests.conftest import NOW
from tests.factories import drafts as factories_drafts
from tests.factories import points
from tests.factories.drafts import ENDS, STARTS, draft

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def venue(city):
    return await factories_drafts.venue(city)


@pytest.fixture
def photo(city):
    """Create a photo that a worker uploaded and that is used nowhere."""

    async def upload(name, by="陈社工"):
        return (await photos.add(name, owner_id=city.staff[by].person_id, width=8, height=8, now=NOW)).id

    return upload


async def edit(city, activity, by="陈社工", **changes):
    return await activities_changes.change(activity.id, changes, by=city.staff[by], now=NOW)


async def staffed(activity):
    return await factories_drafts.view(activity)


async def shown(activity):
    return {photo.name for photo in (await staffed(activity)).photos}


async def test_draft_has_all_fields_and_is_not_listed(city, photo):
    rule = await points.rule(city, RuleKind.ACTIVITY)
    asked = [{"name": "breakfast", "label": "早餐", "kind": "yes_no", "options": [], "required": True}]
    village = city.areas["团结村"].id
    told = {"rule_id": rule.id, "questions": asked, "for_area_ids": [village, village], "min_age": 60}

    made = await draft(city, **told, photo_ids=[await photo("poster")], posts=[NewPost("引导", 2, "带路")])

    seen = await staffed(made)
    activity = seen.activity
    assert (activity.status, activity.listed, activity.seats, activity.place) == ("draft", 0, 50, "社工站一楼")
    assert (activity.rule_id, activity.questions, activity.min_age) == (rule.id, asked, 60)
    assert (activity.starts_at, activity.ends_at, activity.priority_until) == (STARTS, ENDS, STARTS - 4 * DAY)
    assert [area.id for area in seen.for_areas] == [village]
    assert [(post.title, post.places, post.taken, post.text) for post in seen.posts] == [("引导", 2, 0, "带路")]
    assert (await shown(made), activity.created_at) == ({"poster"}, NOW)
    assert (await AuditEntry.get(action="activity.drafted")).subject == f"activity:{made.id}"


async def test_two_drafts_have_different_check_in_secrets(city):
    one, other = await draft(city), await draft(city)

    assert len(one.check_in_secret) == len(other.check_in_secret) == 64
    assert one.check_in_secret != other.check_in_secret


@pytest.mark.parametrize(
    ("place", "town", "county"),
    [
        ("团结村", "邻玉街道", "江阳区"),
        ("邻玉街道", "邻玉街道", "江阳区"),
        ("江阳区", None, "江阳区"),
        ("泸州市", None, None),
    ],
)
async def test_draft_has_the_town_and_county_of_its_area(city, place, town, county):
    made = await draft(city, area_id=city.areas[place].id)

    ids = {name: area.id for name, area in city.areas.items()} | {None: None}
    assert (made.area_id, made.town_id, made.county_id) == (ids[place], ids[town], ids[county])


async def test_merged_village_becomes_its_successor(city):
    old, new = city.areas["团结村"], city.areas["和平社区"]
    await Area.filter(id=old.id).update(valid_until=NOW.date())
    listed = {"name": "名单", "code_system": "nbs", "valid_from": NOW.date(), "covers": [], "follows": 0}
    edition = await AreaEdition.create(**listed, proposed_at=NOW)
    await AreaSuccessor.create(area=old, successor=new, edition=edition)

    made = await draft(city, area_id=old.id, for_area_ids=[old.id, new.id])

    assert made.area_id == new.id
    assert [area.id for area in (await staffed(made)).for_areas] == [new.id]


@pytest.mark.parametrize("by", ["周社工", "冯科长", "卫处长", "孙站长"])
async def test_only_staff_of_the_station_can_create_drafts(city, by):
    with pytest.raises(NotAllowed):
        await draft(city, by=by)

    assert not await Activity.exists()


@pytest.mark.parametrize("status", ["suspended", "closing"])
async def test_station_that_is_not_operating_creates_no_drafts(city, status):
    await Station.filter(name="邻玉社工站").update(status=status)

    with pytest.raises(StationNotOperating):
        await draft(city)


async def test_unknown_category_or_area_is_refused(city):
    await Category.filter(code="culture").update(active=False)

    with pytest.raises(CategoryNotAvailable) as refused:
        await draft(city)
    assert refused.value.details == {"categories": ["culture"]}
    for unknown in ({"area_id": 2**50}, {"for_area_ids": [2**50]}):
        with pytest.raises(NotFound):
            await draft(city, category="elder_care", **unknown)


async def test_rule_must_be_active_for_activities_and_of_the_station(city):
    deed = await points.rule(city, RuleKind.DEED)
    others = await points.rule(city, RuleKind.ACTIVITY, station=city.stations["蓝田社工站"])
    retired = await points.rule(city, RuleKind.ACTIVITY, active=False)

    for rule_id in (deed.id, others.id, retired.id, 1):
        with pytest.raises(RuleNotAvailable):
            await draft(city, rule_id=rule_id)
    assert not await Activity.exists()


async def test_photo_of_another_worker_is_refused_and_no_draft_is_created(city, photo):
    with pytest.raises(PhotoNotAvailable):
        await draft(city, photo_ids=[await photo("theirs", by="林社工")])

    assert not await Activity.exists()


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"ends_at": STARTS}, {"ends_at": "应晚于开始时间"}),
        ({"ends_at": STARTS + 8 * DAY}, {"ends_at": "活动最长7天"}),
        ({"booking_opens_at": STARTS - HOUR}, {"booking_closes_at": "应晚于开放报名的时间", "priority_until": None,
                                               "cancellation_until": "应晚于开放报名的时间"}),
        ({"booking_opens_at": STARTS - 733 * DAY}, {"booking_opens_at": "不能早于活动开始前两年"}),
        ({"booking_closes_at": ENDS + HOUR}, {"booking_closes_at": "不能晚于活动结束"}),
        ({"priority_until": STARTS - 5 * DAY}, {"priority_until": "应在报名时间之内"}),
        ({"priority_until": STARTS}, {"priority_until": "应在报名时间之内"}),
        ({"cancellation_until": STARTS + HOUR}, {"cancellation_until": "不能晚于活动开始"}),
        ({"min_age": 60, "max_age": 59}, {"max_age": "不能小于最低年龄"}),
        ({"starts_at": NOW}, {"starts_at": "开始时间已过", "booking_closes_at": "报名截止时间已过"}),
    ],
    ids=lambda told: " ".join(told) if isinstance(told, dict) else None,
)  # fmt: skip
async def test_wrong_times_and_ages_are_named_together(city, told, wrong):
    with pytest.raises(InvalidActivityPlan) as refused:
        await draft(city, **told)

    fields = {one["field"].removeprefix("body."): one["problem"] for one in refused.value.details["fields"]}
    assert fields.keys() == wrong.keys()
    assert all(fields[name] == why for name, why in wrong.items() if why)


async def test_every_wrong_field_is_named_in_one_answer(city):
    wrong = {"starts_at": NOW - DAY, "ends_at": NOW - 2 * DAY, "booking_closes_at": NOW, "min_age": 9, "max_age": 8}
    later = {"booking_opens_at": NOW, "priority_until": NOW, "cancellation_until": NOW}

    with pytest.raises(InvalidActivityPlan) as refused:
        await draft(city, **wrong, **later)

    fields = [one["field"] for one in refused.value.details["fields"]]
    assert fields == [f"body.{one}" for one in (
        "booking_closes_at", "cancellation_until", "ends_at", "max_age", "priority_until", "starts_at",
    )]  # fmt: skip


async def test_wrong_place_is_named_with_wrong_times(city, venue):
    for place, field in (({"place": None}, "body.place"), ({"venue_id": venue.id, "seats": 1_000}, "body.seats")):
        with pytest.raises(InvalidActivityPlan) as refused:
            await draft(city, ends_at=STARTS, **place)
        assert [one["field"] for one in refused.value.details["fields"]] == ["body.ends_at", field]


async def test_missing_priority_is_not_reported(city):
    with pytest.raises(InvalidActivityPlan) as refused:
        await draft(city, priority_until=None, booking_closes_at=STARTS - 400 * DAY)

    assert "body.priority_until" not in [one["field"] for one in refused.value.details["fields"]]


async def test_values_at_the_limits_are_accepted(city):
    edge = {
        "ends_at": STARTS + 7 * DAY,
        "booking_opens_at": NOW - DAY,
        "booking_closes_at": STARTS + 7 * DAY,
        "priority_until": STARTS + 7 * DAY,
        "cancellation_until": STARTS,
        "min_age": 60,
        "max_age": 60,
    }
    made = await draft(city, **edge)

    assert {name: getattr(await Activity.get(id=made.id), name) for name in edge} == edge


async def test_draft_reserves_its_venue_from_start_to_end(city, venue):
    made = await draft(city, venue_id=venue.id, place=None)

    use = await VenueUse.get(id=made.venue_use_id)
    assert (use.venue_id, use.starts_at, use.ends_at, use.purpose) == (venue.id, STARTS, ENDS, "免费体检")
    assert (made.place, use.reserved_by_id) == ("邻玉社工站多功能室", city.staff["陈社工"].person_id)


async def test_draft_without_venue_and_place_is_refused(city):
    for nowhere in (None, ""):
        with pytest.raises(PlaceRequired):
            await draft(city, place=nowhere)


async def test_taken_small_or_foreign_venue_is_refused(city, venue):
    other = await factories_drafts.venue(city, station="蓝田社工站")
    await factories_drafts.use(city, venue, ENDS)

    for refusal, told in (
        (VenueTaken, {"venue_id": venue.id, "ends_at": ENDS + HOUR}),
        (VenueTooSmall, {"venue_id": venue.id, "seats": 61}),
        (NotFound, {"venue_id": other.id}),
    ):
        with pytest.raises(refusal):
            await draft(city, **told)
    assert not await Activity.exists()
    assert await VenueUse.all().count() == 1


async def test_any_colleague_can_edit_all_fields(city, photo):
    rule = await points.rule(city, RuleKind.ACTIVITY)
    made = await draft(
        city, photo_ids=[await photo("old"), await photo("kept")], for_area_ids=[city.areas["团结村"].id]
    )
    kept = next(one.id for one in (await staffed(made)).photos if one.name == "kept")

    changed = await edit(
        city, made, "林社工", category="elder_care", area_id=city.areas["宪桥社区"].id, title="量血压", text="免费。",
        place="广场", seats=9, min_age=60, rule_id=rule.id, priority_until=None,
        for_area_ids=[city.areas["和平社区"].id], photo_ids=[kept, await photo("new", "林社工")],
    )  # fmt: skip

    seen = await staffed(made)
    assert (changed.title, changed.text, changed.place, changed.seats) == ("量血压", "免费。", "广场", 9)
    assert (seen.activity.category.code, changed.town_id) == ("elder_care", city.areas["蓝田街道"].id)
    assert (changed.min_age, changed.rule_id, changed.priority_until) == (60, rule.id, None)
    assert (await shown(made), [one.name for one in seen.for_areas]) == ({"kept", "new"}, ["和平社区"])
    assert (await AuditEntry.get(action="activity.edited")).facts["fields"][0] == "area_id"


async def test_fields_that_are_left_out_stay(city):
    made = await draft(city, min_age=60, for_area_ids=[city.areas["团结村"].id])

    await edit(city, made, text="改了")

    after = await Activity.get(id=made.id)
    assert after.text == "改了"
    same = (*set(drafts.PLAIN_FIELDS) - {"text"}, "place", "area_id", "category_id", "venue_use_id", "check_in_secret")
    assert {name: getattr(after, name) for name in same} == {name: getattr(made, name) for name in same}
    assert await ActivityArea.filter(activity_id=made.id).count() == 1


async def test_empty_edit_changes_nothing(city):
    made = await draft(city)

    assert (await edit(city, made)).title == made.title


async def test_edit_is_checked_against_the_other_fields(city):
    made = await draft(city, min_age=60)

    for wrong in ({"max_age": 50}, {"ends_at": STARTS - HOUR}, {"cancellation_until": ENDS}):
        with pytest.raises(InvalidActivityPlan) as refused:
            await edit(city, made, **wrong)
        assert [one["field"] for one in refused.value.details["fields"]][-1:] == [f"body.{next(iter(wrong))}"]


async def test_venue_use_moves_with_the_draft_and_has_its_title(city, venue):
    made = await draft(city, venue_id=venue.id)

    await edit(city, made, starts_at=STARTS + HOUR, ends_at=ENDS + HOUR, title="量血压")

    use = await VenueUse.get(id=made.venue_use_id)
    assert (use.starts_at, use.ends_at, use.purpose) == (STARTS + HOUR, ENDS + HOUR, "量血压")
    assert (await Activity.get(id=made.id)).place == "社工站一楼"
    await factories_drafts.use(city, venue, STARTS - HOUR)


async def test_new_venue_is_reserved_and_the_old_one_released(city, venue):
    other = await factories_drafts.venue(city, "阅览室", 50)
    made = await draft(city, venue_id=venue.id)

    moved = await edit(city, made, venue_id=other.id)

    assert moved.place == "邻玉社工站阅览室"
    assert (await VenueUse.get(id=moved.venue_use_id)).venue_id == other.id
    await factories_drafts.use(city, venue)
    with pytest.raises(VenueTooSmall):
        await edit(city, made, seats=51)


async def test_removed_venue_needs_a_place(city, venue):
    made = await draft(city, venue_id=venue.id, place=None)

    with pytest.raises(PlaceRequired):
        await edit(city, made, venue_id=None)
    moved = await edit(city, made, venue_id=None, place="文化广场")

    assert (moved.venue_use_id, moved.place) == (None, "文化广场")
    assert not await VenueUse.exists(released_at=None)


async def test_place_of_none_becomes_the_venues_name(city, venue):
    made = await draft(city, venue_id=venue.id, place="后门进")

    assert (await edit(city, made, venue_id=venue.id)).place == "后门进"
    assert (await edit(city, made, place=None)).place == "邻玉社工站多功能室"


async def test_draft_that_wants_a_taken_venue_stays_unchanged(city, venue):
    made = await draft(city, venue_id=venue.id)
    await factories_drafts.use(city, venue, ENDS)

    with pytest.raises(VenueTaken):
        await edit(city, made, title="延长", ends_at=ENDS + HOUR)

    after = await Activity.get(id=made.id)
    assert (after.title, after.ends_at, after.venue_use_id) == ("免费体检", ENDS, made.venue_use_id)


async def discard(city, activity, by="陈社工"):
    await drafts.discard(activity.id, by=city.staff[by], now=NOW)


@pytest.mark.parametrize("verb", [edit, discard])
async def test_staff_of_other_stations_cannot_change_drafts(city, verb):
    made = await draft(city)

    for by, refusal in (("周社工", NotFound), ("褚科长", NotFound), ("冯科长", NotAllowed)):
        with pytest.raises(refusal):
            await verb(city, made, by)


async def test_only_drafts_can_be_discarded(city):
    made = await draft(city)

    for status in set(ActivityStatus) - {ActivityStatus.DRAFT}:
        await Activity.filter(id=made.id).update(status=status)
        with pytest.raises(ActivityNotDraft) as refused:
            await discard(city, made)
        assert refused.value.details == {"status": status}


async def test_discarded_draft_leaves_an_audit_entry_and_a_free_venue(city, venue, photo):
    told = {
        "for_area_ids": [city.areas["团结村"].id],
        "photo_ids": [await photo("poster")],
        "posts": [NewPost("签到", 1)],
    }
    made = await draft(city, venue_id=venue.id, **told)

    await drafts.discard(made.id, by=city.staff["林社工"], now=NOW)

    assert [await model.all().count() for model in (Activity, ActivityArea, Post)] == [0, 0, 0]
    assert [one.name for one in await photos.unused(NOW + 2 * DAY, most=9)] == ["poster"]
    assert (await AuditEntry.get(action="activity.discarded")).facts["title"] == "免费体检"
    await factories_drafts.use(city, venue)


async def test_draft_without_a_venue_can_be_discarded(city):
    made = await draft(city)

    await drafts.discard(made.id, by=city.staff["陈社工"], now=NOW)

    assert not await Activity.exists(id=made.id)


async def test_draft_is_visible_to_staff_and_officers_only(city):
    made = await draft(city)

    for by in ("陈社工", "冯科长", "卫处长"):
        assert (await staff_queries.get_for_staff(made.id, by=city.staff[by])).id == made.id
    for by in ("周社工", "褚科长", "钱社工"):
        with pytest.raises(NotFound):
            await staff_queries.get_for_staff(made.id, by=city.staff[by])


async def test_staff_see_who_created_and_published_it(city):
    made = await draft(city)
    publisher = await factories.worker("何社工", city.stations["邻玉社工站"], NOW)
    await Activity.filter(id=made.id).update(published_by_id=publisher.person_id)

    seen = await staffed(made)

    assert set(seen.names.values()) == {"陈社工", "何社工"}
    assert seen.paths[city.areas["邻玉街道"].id] == "泸州市 · 江阳区 · 邻玉街道"
