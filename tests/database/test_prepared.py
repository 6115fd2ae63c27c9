"""A prepared query finds what the query finds, whatever it is asked with and however often."""

from datetime import timedelta

import pytest

from server.database.prepared import Prepared
from server.models import Need, NeedStatus, Person, Session
from tests.conftest import NOW
from tests.sides import sign_in


async def test_prepared_query_finds_rows_with_related_models(city):
    first, second = await city.need(), await city.need()
    prepared = Prepared(
        lambda person_id, code: (
            Need.filter(person_id=person_id, category__code=code).order_by("id").select_related("area", "assignee")
        )
    )
    for _ in range(2):
        found = await prepared.all(city.grandma.id, "elder_care")
        assert [one.id for one in found] == sorted([first.id, second.id])
        assert {(one.area.name, one.assignee) for one in found} == {("团结村", None)}
        assert [one.contact_phone for one in found] == ["13812345678"] * 2
    assert await prepared.all(city.grandma.id, "culture") == []
    assert await prepared.first(1, "elder_care") is None


async def test_an_argument_named_twice_is_asked_with_twice(city):
    need = await city.need()
    prepared = Prepared(lambda who: Need.filter(person_id=who, submitted_by_id=who, status=NeedStatus.SUBMITTED))
    assert await prepared.first(city.grandma.id) == need


async def test_a_moment_is_the_same_moment_in_any_zone(database):
    person = await Person.create(name="王秀英", created_at=NOW)
    await sign_in(person.id, NOW)  # for thirty days
    prepared = Prepared(lambda now: Session.filter(expires_at__gt=now))
    for days, there in ((29, True), (31, False), (29, True)):
        assert bool(await prepared.all(NOW + timedelta(days=days))) is there


async def test_an_argument_that_would_be_forgotten_is_a_mistake(database):
    with pytest.raises(AssertionError, match="lost"):
        await Prepared(lambda _: Person.all()).all(1)
