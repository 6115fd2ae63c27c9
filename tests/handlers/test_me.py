"""A person's own facts: name, phone, home, and the choice after a split."""

import pytest

from server.models import Area, AreaEdition, AreaSuccessor, Person
from tests import factories


@pytest.fixture
async def grandma(phone_of, town):
    phone = await phone_of("wangnainai")
    await phone.put("/me/home", {"area_id": town.areas["团结村"].id})
    return phone


async def test_home_is_shown_with_its_path(grandma, town):
    me = (await grandma.get("/me")).json()

    assert me["home"]["path"].endswith("江阳区 · 邻玉街道 · 团结村")
    home = [me["home"][name] for name in ("area_id", "town_id", "county_id")]
    assert home == [town.areas[name].id for name in ("团结村", "邻玉街道", "江阳区")]
    assert (me["is_visitor"], me["home_choices"]) == (False, [])


async def test_omitted_field_stays_and_null_removes_it(grandma):
    await grandma.change("/me", {"name": "王秀英", "phone": "１３８ 1234 5678", "birth_year": 1948})

    me = (await grandma.change("/me", {"phone": None})).json()

    assert (me["name"], me["phone"], me["birth_year"]) == ("王秀英", None, 1948)


async def test_birth_year_in_the_future_is_refused(grandma):
    this_year = await grandma.change("/me", {"birth_year": 2026})
    next_year = await grandma.change("/me", {"birth_year": 2027})

    assert this_year.json()["birth_year"] == 2026
    problem = {"field": "body.birth_year", "problem": "出生年份不能晚于今年"}
    assert (next_year.status_code, next_year.json()["details"]) == (400, {"fields": [problem]})


async def test_village_is_named_without_its_committee(grandma, town):
    await Area.filter(id=town.areas["团结村"].id).update(name="团结村村民委员会")

    assert (await grandma.get("/me")).json()["home"]["name"] == "团结村"


@pytest.mark.parametrize("place", ["邻玉街道", "江阳区", "泸州市"])
async def test_a_home_is_a_community(grandma, town, place):
    answer = await grandma.put("/me/home", {"area_id": town.areas[place].id})

    assert (answer.status_code, answer.json()["code"]) == (409, "community_required")


async def test_missing_area_is_refused_as_home(grandma):
    assert (await grandma.put("/me/home", {"area_id": 999_999})).status_code == 404


async def test_resident_of_a_split_village_chooses_a_side(grandma, town, clock):
    old = town.areas["团结村"]
    sides = [await factories.area(name, old.level, town.areas["邻玉街道"]) for name in ("团结东村", "团结西村")]
    listed = {"name": "拆分", "code_system": "nbs", "covers": [], "follows": 0, "proposed_at": clock.now()}
    edition = await AreaEdition.create(valid_from=clock.now().date(), **listed)
    for side in sides:
        await AreaSuccessor.create(area=old, successor=side, edition=edition)
    await Area.filter(id=old.id).update(valid_until=clock.now().date())

    me = (await grandma.get("/me")).json()

    assert [choice["name"] for choice in me["home_choices"]] == ["团结东村", "团结西村"]
    assert (await grandma.put("/me/home", {"area_id": sides[0].id})).json()["home_choices"] == []


async def test_wrong_choice_is_refused_with_the_choices_in_chinese(phone_of, app, clock):
    town = await factories.city(clock.now())
    phone = await phone_of("chenshegong")
    await factories.role(
        await Person.get(id=phone.person_id), "social_worker", clock.now(), station=town.stations["邻玉社工站"]
    )

    answer = await phone.get("/station/needs", params={"sort": "id; DROP TABLE need"})

    assert answer.json()["details"]["fields"] == [
        {"field": "query.sort", "problem": "只能是：newest、oldest、most_urgent"}
    ]


async def test_root_path_redirects_to_the_docs(client):
    assert (await client.get("/")).headers["location"] == "/docs"


async def test_mistyped_slip_code_shows_a_page(client):
    page = await client.get("/api/v1/slips/ABCDEFGHJK/page")

    assert "没有查到" in page.text
