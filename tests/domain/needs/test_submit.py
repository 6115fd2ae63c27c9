"""Submitting a need: responsible station, deadlines, photos, counter needs."""

import pytest

from server.domain import slip_codes
from server.domain.needs import resident_queries, submit, timeline
from server.domain.needs.submit import NeedSubmission
from server.errors import CategoryNotAvailable, HomeRequired, NotAllowed, NotFound, PhotoNotAvailable
from server.models import Category, Channel, Job, Need, NeedStatus, Person, Photo, Urgency
from tests import factories
from tests.conftest import NOW

ENTERED = NeedSubmission(
    category="elder_care",
    text="刘大爷听力不好，请人陪同就医。",
    urgency=Urgency.NORMAL,
    contact_name="刘福贵",
    contact_phone="08302345678",
)


async def test_need_goes_to_station_covering_the_home_with_reason(city):
    need = await city.need()

    assert need.status == NeedStatus.SUBMITTED
    assert need.station_id == city.stations["邻玉社工站"].id
    assert "筹建" in need.route
    assert "邻玉社工站" in need.route


async def test_need_goes_to_open_community_room_of_its_community(city):
    need = await city.need(area_id=city.areas["和平社区"].id)

    assert need.station_id == city.stations["和平社工室"].id


async def test_deadlines_follow_working_days_of_category(city):
    need = await city.need()

    # Submitted on Tuesday at ten: response by Wednesday evening, completion five working days later.
    assert f"{need.response_due_at:%m-%d %H:%M}" == "03-11 09:30"
    assert f"{need.completion_due_at:%m-%d %H:%M}" == "03-17 09:30"


async def test_urgent_need_has_response_within_four_working_hours(city):
    need = await city.need(urgency=Urgency.URGENT)

    assert f"{need.response_due_at:%m-%d %H:%M}" == "03-10 07:30"


async def test_first_timeline_entry_is_the_submission(city):
    need = await city.need()

    [line] = await timeline.list_entries(need, for_staff=False)

    assert (line.number, line.kind, line.from_status, line.to_status) == (1, "submitted", None, NeedStatus.SUBMITTED)


async def test_resident_without_home_must_name_community(city):
    visitor = await factories.person("路人", NOW)

    with pytest.raises(HomeRequired):
        await city.need(by=visitor.id)
    assert await Need.all().count() == 0


@pytest.mark.parametrize("code", ["nonsense", "elder_care"])
async def test_unknown_or_inactive_category_is_refused(city, code):
    await Category.filter(code="elder_care").update(active=False)

    with pytest.raises(CategoryNotAvailable):
        await city.need(category=code)


async def test_own_photo_is_attached_once(city):
    photo = await Photo.create(owner=city.grandma, name="a" * 40, width=1, height=1, created_at=NOW)

    need = await city.need(photo_ids=[photo.id])

    assert [one.id for one in await resident_queries.list_photos(need.id)] == [photo.id]
    with pytest.raises(PhotoNotAvailable):
        await city.need(photo_ids=[photo.id])


async def test_photo_of_a_stranger_is_refused(city):
    stranger = await factories.person("路人", NOW)
    photo = await Photo.create(owner=stranger, name="a" * 40, width=1, height=1, created_at=NOW)

    with pytest.raises(PhotoNotAvailable):
        await city.need(photo_ids=[photo.id])
    assert await Need.all().count() == 0
    assert await Job.all().count() == 0


async def test_counter_need_has_same_deadlines_and_a_slip(city):
    need = await submit.submit_by_staff(
        _submission_at(city, "团结村"), by=city.staff["陈社工"], for_person=None, channel=Channel.COUNTER, now=NOW
    )

    assert need.submitted_by_id == city.staff["陈社工"].person_id
    assert need.completion_due_at > need.response_due_at > NOW
    assert (await resident_queries.get_by_slip(need.slip_code.lower())).id == need.id


def _submission_at(city, place):
    return NeedSubmission(**ENTERED.__dict__ | {"area_id": city.areas[place].id})


async def test_two_people_with_same_name_become_two_persons(city):
    first, second = [
        await submit.submit_by_staff(
            _submission_at(city, "团结村"), by=city.staff["陈社工"], for_person=None, channel=Channel.TELEPHONE, now=NOW
        )
        for _ in range(2)
    ]

    assert first.person_id != second.person_id
    assert await Person.filter(name="刘福贵").count() == 2


async def test_person_unknown_to_station_is_not_found(city):
    with pytest.raises(NotFound):
        await submit.submit_by_staff(
            _submission_at(city, "团结村"),
            by=city.staff["周社工"],
            for_person=city.grandma.id,
            channel=Channel.COUNTER,
            now=NOW,
        )


async def test_route_names_category_without_station(city):
    need = await city.need(area_id=city.areas["码头社区"].id)
    assert need.station_id == city.stations["龙马潭总站"].id
    await factories.Station.filter(id=city.stations["龙马潭总站"].id).update(status="suspended")

    need = await city.need(area_id=city.areas["码头社区"].id)

    assert need.station_id == city.stations["市级服务台"].id
    assert "市级服务台" in need.route


async def test_slip_codes_are_long_without_confusing_letters():
    codes = {slip_codes.new_slip_code() for _ in range(1000)}

    assert len(codes) == 1000
    assert not set("".join(codes)) & set("01ILO")


async def test_known_person_is_reused(city):
    await city.need()

    need = await submit.submit_by_staff(
        _submission_at(city, "团结村"),
        by=city.staff["陈社工"],
        for_person=city.grandma.id,
        channel=Channel.COUNTER,
        now=NOW,
    )

    assert need.person_id == city.grandma.id


async def test_officer_who_stands_in_for_no_station_cannot_enter_counter_needs(city):
    with pytest.raises(NotAllowed):
        await submit.submit_by_staff(
            _submission_at(city, "团结村"), by=city.staff["褚科长"], for_person=None, channel=Channel.COUNTER, now=NOW
        )


async def test_needs_of_resident_come_page_by_page(city):
    filed = [(await city.need()).id for _ in range(5)]
    got, before = [], None

    while page := await resident_queries.list_needs(city.grandma.id, before=before, limit=2):
        got += [need.id for need in page]
        before = (page[-1].submitted_at, page[-1].id)

    assert sorted(got) == sorted(filed)
