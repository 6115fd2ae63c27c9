"""Scopes: what roles reach, and how lists filter by it."""

from datetime import timedelta

import pytest

from server.domain import sessions, staff
from server.handlers.http.auth import token_hash
from server.models import Order, Person, Session, Station, StationLevel
from tests import factories
from tests.sides import sign_in


async def test_a_county_officer_reaches_every_station_of_the_county_and_no_other(city):
    officer = city.staff["冯科长"]
    there = await Station.filter(county_id__in=sorted(officer.county_ids))

    scope = await staff.of_person(officer.person_id)

    assert scope.county_station_ids == {station.id for station in there}
    assert 0 < len(there) < await Station.all().count()
    assert scope.station_ids == {city.stations["和平社工室"].id}, "nobody works there"


async def test_station_created_later_is_in_the_scope_from_then_on(city):
    officer = city.staff["冯科长"]

    founded = await factories.station("新社工站", StationLevel.TOWN_STATION, city.areas["邻玉街道"])

    assert founded.id in (await staff.of_person(officer.person_id)).county_station_ids


@pytest.mark.parametrize("who", ["陈社工", "冯科长"])
async def test_scope_filters_by_ids_so_that_an_index_applies(city, who):
    asked = Order.filter(city.staff[who].of_stations()).sql()

    assert "JOIN" not in asked
    assert " OR " not in asked


async def test_scope_without_roles_is_empty_and_the_city_officers_is_whole(city):
    stranger = await staff.of_person(city.grandma.id)

    assert not stranger.has_any_role
    assert "WHERE" in Order.filter(stranger.of_stations()).sql()
    assert "WHERE" not in Order.filter(city.staff["卫处长"].of_stations()).sql()


@pytest.mark.parametrize("who", ["陈社工", "赵站长", "冯科长", "卫处长"])
async def test_session_names_the_roles_that_give_the_scope(city, who):
    worker = city.staff[who].person_id
    token = await sign_in(worker, city.now)

    found = await sessions.of_token(token_hash(token), now=city.now, kept=timedelta(days=30))

    assert await staff.scope_of(worker, found.roles) == await staff.of_person(worker)


@pytest.mark.parametrize("end", ["disabled", "signed_out"])
async def test_session_ends_when_person_is_disabled_or_signs_out(city, end):
    worker = city.staff["陈社工"].person_id
    token = await sign_in(worker, city.now)

    if end == "disabled":
        await Person.filter(id=worker).update(disabled_at=city.now)
    else:
        await Session.filter(person_id=worker).update(revoked_at=city.now)

    assert await sessions.of_token(token_hash(token), now=city.now, kept=timedelta(days=30)) is None
