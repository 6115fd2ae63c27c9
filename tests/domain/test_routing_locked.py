"""Areas whose rows are locked while a need is filed: cheap if known, and never out of date."""

import pymysql
import pytest

from server.database import db
from server.domain import routing
from server.domain.routing import AreaFacts, AreaStep, area_paths
from server.errors import Busy, NotFound
from server.models import Area, AreaEdition, AreaLevel, AreaSuccessor, Category
from tests import factories
from tests.conftest import NOW
from tests.factories.stations import TODAY
from tests.services import chosen_database
from tests.statements import Sent


@pytest.fixture
def sent(caplog):
    return Sent(caplog)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch):
    monkeypatch.setattr(area_paths, "_known", {})


@pytest.fixture
async def care(city):
    return await Category.get(code="elder_care")


@db.transaction
async def settled(city, place, category):
    return await routing.settled(city.areas[place].id, category.id, TODAY)


async def test_the_second_need_of_an_area_takes_two_statements(city, care, sent):
    first = await settled(city, "团结村", care)
    sent.listen()

    assert await settled(city, "团结村", care) == first
    assert len(sent.statements) == 2, sent.statements


async def test_an_area_that_moved_is_served_by_its_new_town_at_once(city, care):
    before = await settled(city, "团结村", care)
    town = city.areas["蓝田街道"]
    await Area.filter(name="团结村").update(parent_id=town.id, ancestry=f"{town.ancestry}{town.id}/")

    after = await settled(city, "团结村", care)

    assert [before.station_id, after.station_id] == [city.stations[name].id for name in ("邻玉社工站", "蓝田社工站")]


async def test_a_town_that_moved_takes_its_communities_along(city, care):
    before = await settled(city, "码头社区", care)
    county = city.areas["江阳区"]
    await Area.filter(name="小市街道").update(parent_id=county.id, ancestry=f"{county.ancestry}{county.id}/")

    after = await settled(city, "码头社区", care)

    assert [before.station_id, after.station_id] == [city.stations[name].id for name in ("龙马潭总站", "江阳总站")]


async def test_a_renamed_area_is_called_by_its_new_name(city, care):
    await settled(city, "团结村", care)
    await Area.filter(name="团结村").update(name="红星村村民委员会")

    assert "您所在的红星村" in (await settled(city, "团结村", care)).words


@pytest.fixture
async def edition(city):
    names = {"name": "合并", "code_system": "nbs", "valid_from": TODAY, "covers": [], "follows": 0}
    return await AreaEdition.create(**names, proposed_at=NOW)


async def test_successor_of_an_ended_community_is_read_each_time(city, care, edition):
    old = city.areas["团结村"]

    await settled(city, "团结村", care)
    await Area.filter(id=old.id).update(valid_until=TODAY)
    for successor, serves in (None, "邻玉社工站"), ("和平社区", "和平社工室"), ("宪桥社区", "邻玉社工站"):
        if successor:
            await AreaSuccessor.create(area=old, successor=city.areas[successor], edition=edition)
        for _ in range(2):
            served = await settled(city, "团结村", care)
            assert served.station_id == city.stations[serves].id, successor


async def test_an_area_remembered_from_another_database_is_not_found(city, care):
    await settled(city, "团结村", care)
    area_paths._known[999_999] = AreaFacts((AreaStep(999_999, AreaLevel.COMMUNITY, "桃花源"),))

    with pytest.raises(NotFound):
        await db.transaction(routing.settled)(999_999, care.id, TODAY)


async def test_filing_while_the_tree_changes_answers_busy(city, care, monkeypatch):
    seen = await area_paths.facts_of(city.areas["团结村"].id)
    await Area.filter(name="团结村").update(name="红星村")

    async def just_before(_: int) -> AreaFacts:
        return seen

    monkeypatch.setattr(area_paths, "facts_of", just_before)
    with pytest.raises(Busy):
        await settled(city, "团结村", care)


async def test_number_of_remembered_areas_is_limited(city, care, monkeypatch):
    monkeypatch.setattr(area_paths, "MOST_KNOWN", 2)
    for place in ("团结村", "和平社区", "码头社区", "宪桥社区", "宪桥社区"):
        await settled(city, place, care)

    assert set(area_paths._known) == {city.areas[place].id for place in ("码头社区", "宪桥社区")}


@pytest.mark.skipif(chosen_database() != "mariadb", reason="on SQLite a transaction is the only writer")
async def test_path_of_areas_stays_unchanged_until_the_need_is_filed(city, care, mariadb):
    places = ("团结村", "邻玉街道", "江阳区", "泸州市", "四川省")
    assert [_is_held(mariadb.port, city.areas[place].id) for place in places] == [False] * 5

    @db.transaction
    async def while_it_is_filed():
        await routing.settled(city.areas["团结村"].id, care.id, TODAY)
        return [_is_held(mariadb.port, city.areas[place].id) for place in places]

    for _ in range(2):  # not known, and known
        assert await while_it_is_filed() == [True] * 5


def _is_held(port: int, area_id: int) -> bool:
    with pymysql.connect(host="127.0.0.1", port=port, user="root", database="stations") as link:
        try:
            link.cursor().execute("SELECT id FROM area WHERE id = %s FOR UPDATE NOWAIT", [area_id])
        except pymysql.err.OperationalError:
            return True
    return False


async def test_answer_contains_the_page_of_the_station(city):
    await factories.station(
        "云龙社工室", "community_room", city.areas["码头社区"], covers=[city.areas["码头社区"]], address="云龙路1号"
    )

    route, station = await routing.explained(city.areas["码头社区"].id, "elder_care", TODAY)

    assert (route.station_id, station.name, station.address) == (station.id, "云龙社工室", "云龙路1号")
