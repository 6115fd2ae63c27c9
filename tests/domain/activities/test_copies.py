"""Copies of an activity as a draft at another time, and the parts they lack."""

from datetime import timedelta

import pytest

from server.domain import photos
from server.domain.activities import copies, time_rules
from server.domain.activities.posts import NewPost
from server.errors import (
    CategoryNotAvailable,
    InvalidActivityPlan,
    NotAllowed,
    NotFound,
    StationNotOperating,
    VenueNotAvailable,
    VenueTaken,
)
from server.models import Activity, ActivityStatus, Category, EarningRule, Post, RuleKind, Station, Venue, VenueUse
from tests.conftest import NOW
from tests.factories import activities, drafts, points
from tests.factories.drafts import STARTS, draft

WEEK = timedelta(weeks=1)
ASKED = [{"name": "breakfast", "label": "早餐", "kind": "yes_no", "options": [], "required": True}]


async def copy(city, activity, starts_at=STARTS + WEEK, by="林社工", **more):
    return await copies.copy(activity.id, starts_at, by=city.staff[by], now=NOW, **more)


@pytest.fixture
async def full(city):
    """Create a published activity with every field, and a booking."""
    rule, venue = await points.rule(city, RuleKind.ACTIVITY), await drafts.venue(city)
    picture = await photos.add("poster", owner_id=city.staff["陈社工"].person_id, width=8, height=8, now=NOW)
    made = await draft(
        city, venue_id=venue.id, rule_id=rule.id, photo_ids=[picture.id], questions=ASKED, min_age=60, max_age=90,
        for_area_ids=[city.areas["团结村"].id], posts=[NewPost("引导", 2, "带路"), NewPost("签到", 1)],
    )  # fmt: skip
    await Activity.filter(id=made.id).update(status=ActivityStatus.PUBLISHED, listed=1)
    await activities.row(made, city.grandma)
    return await Activity.get(id=made.id)


async def test_copy_is_a_draft_without_bookings_and_with_moved_times(city, full):
    shift = timedelta(days=9, hours=3)

    made = (await copy(city, full, STARTS + shift)).activity

    assert (made.status, made.listed, made.series_id) == (ActivityStatus.DRAFT, 0, None)
    assert (made.seats_taken, made.last_number, made.published_at) == (0, 0, None)
    assert made.created_by_id == city.staff["林社工"].person_id
    assert made.check_in_secret != full.check_in_secret
    for name in time_rules.TIMES:
        assert getattr(made, name) == getattr(full, name) + shift


async def test_copy_has_the_fields_of_the_activity(city, full):
    made = (await copy(city, full)).activity

    same = ("title", "text", "place", "seats", "max_party_size", "min_age", "max_age", "questions", "rule_id")
    assert {name: getattr(made, name) for name in same} == {name: getattr(full, name) for name in same}
    seen = await drafts.view(made)
    assert (made.category_id, made.area_id, made.town_id) == (full.category_id, full.area_id, full.town_id)
    assert [area.name for area in seen.for_areas] == ["团结村"]
    assert {(one.title, one.places, one.taken, one.text) for one in seen.posts} == {
        ("引导", 2, 0, "带路"),
        ("签到", 1, 0, ""),
    }


async def test_copy_reserves_the_venue_at_its_own_time(city, full):
    made = (await copy(city, full)).activity

    use, before = await VenueUse.get(id=made.venue_use_id), await VenueUse.get(id=full.venue_use_id)
    assert (use.venue_id, use.starts_at, use.ends_at) == (before.venue_id, made.starts_at, made.ends_at)
    assert before.starts_at == full.starts_at


async def test_photos_are_not_copied_and_named_as_omitted(city, full):
    copied = await copy(city, full)

    assert copied.left_out == [copies.Omission.PHOTOS]
    assert not (await drafts.view(copied.activity)).photos
    assert (await drafts.view(full)).photos


async def test_copy_of_a_plain_activity_omits_nothing(city):
    assert (await copy(city, await draft(city))).left_out == []


async def test_ended_rule_and_unwanted_venue_are_omitted(city, full):
    await EarningRule.all().update(active=False)

    copied = await copy(city, full, with_venue=False)

    assert copied.left_out == ["photos", "rule", "venue"]
    assert (copied.activity.rule_id, copied.activity.venue_use_id) == (None, None)
    assert copied.activity.place == full.place


async def test_copy_with_a_taken_or_inactive_venue_is_refused(city, full):
    with pytest.raises(VenueTaken) as refused:
        await copy(city, full, STARTS + timedelta(hours=1))
    assert refused.value.details == {"days": ["2026-03-17"]}
    await Venue.all().update(active=False)
    with pytest.raises(VenueNotAvailable):
        await copy(city, full)

    assert await Activity.all().count() == 1


async def test_cancelled_activity_is_copied_with_its_venue(city, full):
    await VenueUse.filter(id=full.venue_use_id).update(released_at=NOW)
    await Activity.filter(id=full.id).update(status=ActivityStatus.CANCELLED, listed=0)

    made = (await copy(city, full, STARTS)).activity

    assert (await VenueUse.get(id=made.venue_use_id)).released_at is None


async def test_closed_post_is_open_in_the_copy(city, full):
    await Post.filter(activity_id=full.id, title="签到").update(places=0)

    made = (await copy(city, full)).activity

    assert (await Post.get(activity_id=made.id, title="签到")).places == 1


async def test_copy_with_closed_booking_is_refused(city):
    template = await draft(city, booking_closes_at=STARTS - timedelta(days=3))

    with pytest.raises(InvalidActivityPlan) as refused:
        await copy(city, template, NOW + timedelta(days=2))

    (wrong,) = refused.value.details["fields"]
    assert wrong == {"field": "body.booking_closes_at", "problem": "报名截止时间已过"}


@pytest.mark.parametrize(("days", "fits"), [(732, True), (733, False)])
async def test_copy_more_than_two_years_ahead_is_refused(city, days, fits):
    template = await draft(city)

    if fits:
        assert (await copy(city, template, NOW + timedelta(days=days))).activity.starts_at == NOW + timedelta(days=days)
    else:
        with pytest.raises(InvalidActivityPlan) as refused:
            await copy(city, template, NOW + timedelta(days=days))
        assert refused.value.details["fields"] == [{"field": "body.starts_at", "problem": "只能安排两年以内的活动"}]


async def test_copy_is_refused_where_a_draft_would_be(city, full):
    await Category.filter(id=full.category_id).update(active=False)
    with pytest.raises(CategoryNotAvailable):
        await copy(city, full)
    await Station.filter(id=full.station_id).update(status="suspended")
    with pytest.raises(StationNotOperating):
        await copy(city, full)


@pytest.mark.parametrize(("by", "refusal"), [("周社工", NotFound), ("褚科长", NotFound), ("冯科长", NotAllowed)])
async def test_only_staff_of_the_station_can_copy(city, full, by, refusal):
    with pytest.raises(refusal):
        await copy(city, full, by=by)

    assert await Activity.all().count() == 1
