"""The demonstration's activities: what a newcomer finds in them and can do next."""

from datetime import datetime

import pytest

from server.domain import ledger
from server.domain.working_time import SHANGHAI
from server.models import Activity, SeatOffer, SeatOfferStatus
from tests.conftest import NOW
from tests.test_demonstration import MOMENTS, demonstration, station_id


@pytest.fixture
async def town(app) -> int:
    """The demonstration behind the application, and the id of 邻玉街道's station."""
    await demonstration(NOW)
    return await station_id()


async def called(title: str) -> Activity:
    return await Activity.filter(title=title).order_by("starts_at").first()


@pytest.mark.parametrize("moment", MOMENTS)
async def test_demonstration_has_three_seats_and_an_open_offer_at_any_hour(database, moment):
    now = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)

    await demonstration(now)

    check, course = await called("免费体检"), await called("剪纸课：窗花")
    assert check.seats - check.seats_taken - check.seats_held == 3
    assert (course.seats_taken, course.seats_held, course.waiting, course.seats) == (3, 1, 1, 4)
    offer = await SeatOffer.get(activity_id=course.id)
    assert (offer.state, offer.offered_at < now < offer.expires_at) == (SeatOfferStatus.OPEN, True)


async def test_visitor_finds_public_activities_and_no_drafts(town, client):
    found = (await client.get("/api/v1/activities", params={"limit": 50})).json()["items"]

    titles = [one["title"] for one in found]
    assert {"免费体检", "剪纸课：窗花", "八段锦晨练", "小学生作业辅导"} <= set(titles)
    assert titles.count("八段锦晨练") == 2
    assert "邻里节游园会" not in titles


async def test_offered_seat_is_accepted_or_goes_to_the_next(town, phone_of):
    volunteer, stranger = await phone_of("xiaoli"), await phone_of("luren")
    [offer] = (await volunteer.get("/seat-offers")).json()["items"]

    await volunteer.post(f"/seat-offers/{offer['id']}/refusal")

    [next_one] = (await stranger.get("/seat-offers")).json()["items"]
    answer = await stranger.post(f"/seat-offers/{next_one['id']}/acceptance")
    assert answer.status_code == 200, answer.text


async def test_neighbour_books_the_last_seats_of_the_health_check(town, phone_of):
    check = await called("免费体检")
    path, answers = f"/activities/{check.id}/bookings", {"breakfast": False}

    booked = [await (await phone_of(one)).post(path, {"answers": answers}) for one in ("liushu", "chenpo", "luren")]
    late = await (await phone_of("zhangayi")).post(path, {"answers": answers})

    assert [one.json()["status"] for one in booked] == ["booked"] * 3
    assert late.json()["status"] == "waiting"


async def test_head_reads_the_statistics_of_the_lecture(town, phone_of):
    head, lecture = await phone_of("zhaozhanzhang"), await called("民法典讲座：邻里那些事")

    figures = (await head.get(f"/station/activities/{lecture.id}/statistics")).json()
    comments = (await head.get(f"/station/activities/{lecture.id}/comments")).json()["items"]

    assert (figures["booked"], figures["attended"], figures["no_shows"]) == (8, 7, 1)
    assert (figures["volunteers"], figures["volunteer_minutes"]) == (1, 155)
    assert figures["rating"] is None
    assert comments == []


async def test_attendee_has_points_and_can_rate_the_lecture(town, phone_of):
    granddaughter, lecture = await phone_of("xiaofang"), await called("民法典讲座：邻里那些事")

    answer = await granddaughter.put(f"/activities/{lecture.id}/rating", {"stars": 5, "tags": ["kind"]})

    assert answer.status_code == 200, answer.text
    kinds = [one["kind"] for one in (await granddaughter.get("/points/statement")).json()["items"]]
    assert "points_activity" in kinds
    assert (await ledger.audit()).holds
