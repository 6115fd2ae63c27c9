"""Rankings, through HTTP."""

from datetime import timedelta

import pytest

from server.models import Person, RecordStatus
from tests.conftest import NOW
from tests.factories import records, volunteers


async def served(town, person, minutes, station="邻玉社工站"):
    agreed = {"show_in_rankings": True, "served_minutes": minutes}
    await volunteers.approved(person, town.stations[station], NOW, **agreed)
    ended = NOW - timedelta(minutes=1)
    facts = {"began": ended - timedelta(minutes=minutes), "ended_at": ended, "approved_at": NOW}
    await records.record(town, person, minutes=minutes, status=RecordStatus.APPROVED, **facts)


@pytest.fixture
async def li(phone_of, town):
    phone = await phone_of("xiaoli")
    await Person.filter(id=phone.person_id).update(name="李志强")
    await served(town, await Person.get(id=phone.person_id), 60)
    return phone


async def items(phone, **query):
    answer = await phone.get("/rankings", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_names_are_masked_and_the_callers_row_is_marked(li, town, phone_of):
    await served(town, town.grandma, 90)

    assert await items(li, period="all") == [
        {"rank": 1, "name": "王**", "served_minutes": 90, "is_self": False},
        {"rank": 2, "name": "李**", "served_minutes": 60, "is_self": True},
    ]
    luren = await phone_of("luren")
    assert [one["is_self"] for one in await items(luren)] == [False, False]


async def test_volunteer_without_a_name_is_ranked_without_one(li):
    await Person.filter(id=li.person_id).update(name=None)

    assert [one["name"] for one in await items(li)] == [None]


async def test_station_and_county_have_their_own_rankings(li, town):
    await served(town, town.grandma, 90, "龙马潭总站")
    here, far = town.stations["邻玉社工站"].id, town.areas["龙马潭区"].id

    assert [one["served_minutes"] for one in await items(li, station=here)] == [60]
    assert [one["served_minutes"] for one in await items(li, county=far, period="year")] == [90]


@pytest.mark.parametrize("place", ["station", "county"])
async def test_unknown_place_is_not_found(li, town, place):
    numbers = {"station": 2**52, "county": town.areas["邻玉街道"].id}

    answer = await li.get("/rankings", params={place: numbers[place]})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("query", [{"station": 1, "county": 2}, {"period": "week"}, {"station": 0}, {"town": 1}])
async def test_invalid_ranking_filter_is_bad_input(li, query):
    answer = await li.get("/rankings", params=query)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


async def test_ranking_needs_a_sign_in(client, li):
    assert (await client.get("/api/v1/rankings")).status_code == 401
