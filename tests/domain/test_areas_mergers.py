"""Mergers and splits: an old home still leads to the right station, and residents of a split area are asked."""

from datetime import timedelta

import pytest

from server.domain import areas
from server.errors import CommunityRequired, NotFound
from server.models import (
    Area,
    AreaChange,
    AreaLevel,
    AreaSuccessor,
    Coverage,
    StationLevel,
)
from tests import factories
from tests.factories.areas import DAY, LATER, NOW, again, changed, coded, imported, little, proposed, wrong_lines

pytestmark = pytest.mark.usefixtures("database")

VILLAGES = ["510502004201", "510502004202"]
MERGED = ["510502004209,团锋村村民委员会,,510502004201;510502004202,"]
SPLIT = ["510502004211,团结东村村民委员会,,510502004201,", "510502004212,团结西村村民委员会,,510502004201,"]
HEADER = "code,name,parent_code,predecessors,aliases"


async def merge():
    made = await little()
    edition = await imported(changed(without=VILLAGES, more=MERGED), day=LATER)
    return made, edition


async def split():
    made = await little()
    edition = await imported(changed(without=["510502004201"], more=SPLIT), day=LATER)
    return made, edition


async def test_two_villages_merge_into_a_new_one():
    made, edition = await merge()

    assert edition.counts == {"added": 1, "merged": 2, "unchanged": 10}
    for code in VILLAGES:
        assert (await again(made[code])).valid_until == LATER
        assert (await areas.current_area(made[code].id)).id == (await coded("510502004209")).id


async def test_the_change_set_says_who_takes_over():
    _, edition = await merge()

    [first, second] = await areas.changes(edition.id, kind=AreaChange.MERGED)

    assert (first.row.code, second.row.code) == tuple(VILLAGES)
    assert first.heirs == second.heirs == ["泸州市 · 江阳区 · 邻玉街道 · 团锋村"]


async def test_a_village_absorbs_its_neighbour_and_stays_itself():
    made = await little()
    more = ["510502004201,团结村村民委员会,,510502004201;510502004202,"]

    edition = await imported(changed(without=VILLAGES, more=more), day=LATER)

    assert edition.counts == {"merged": 1, "unchanged": 11}
    assert (await again(made["510502004201"])).valid_until is None
    assert (await areas.current_area(made["510502004202"].id)).id == made["510502004201"].id


async def test_a_village_absorbs_one_it_does_not_follow_by_name():
    made = await little()
    more = ["510502004201,团结村村民委员会,,510502004202,"]

    edition = await imported(changed(without=VILLAGES, more=more), day=LATER)

    assert edition.counts == {"merged": 1, "unchanged": 11}
    assert (await areas.current_area(made["510502004202"].id)).id == made["510502004201"].id


async def test_single_predecessor_keeps_the_area_under_its_new_facts():
    made = await little()
    more = ["510503107301,新村村民委员会,510503107,510502004201,"]

    edition = await imported(changed(without=["510502004201"], more=more), day=LATER)

    assert edition.counts == {"renamed": 1, "recoded": 1, "moved": 1, "unchanged": 11}
    assert (await coded("510503107301")).id == made["510502004201"].id


async def test_resident_of_a_split_village_is_asked_which_side():
    made, edition = await split()

    choices = await areas.home_choices(made["510502004201"].id)

    assert edition.counts == {"added": 2, "split": 1, "unchanged": 11}
    assert [row.name for row in choices] == ["团结东村村民委员会", "团结西村村民委员会"]
    assert (await areas.current_area(made["510502004201"].id)).id == made["510502004201"].id
    for choice in choices:
        assert await areas.home_choices(choice.id) == []


async def test_resident_is_asked_also_if_one_side_keeps_the_name():
    made = await little()
    more = ["510502004201,团结村村民委员会,,510502004201,", "510502004212,团结西村村民委员会,,510502004201,"]

    await imported(changed(without=["510502004201"], more=more), day=LATER)

    choices = await areas.home_choices(made["510502004201"].id)
    assert {row.name for row in choices} == {"团结村村民委员会", "团结西村村民委员会"}
    assert made["510502004201"].id not in {row.id for row in choices}


async def test_a_village_carved_out_of_one_that_goes_on_is_a_split_too():
    made = await little()

    edition = await imported(changed(more=["510502004212,团结西村村民委员会,,510502004201,"]), day=LATER)

    assert edition.counts == {"added": 2, "split": 1, "unchanged": 11}
    assert len(await areas.home_choices(made["510502004201"].id)) == 2


async def test_an_old_home_is_followed_through_one_merger_after_another():
    made, _ = await merge()
    more = ["510502004210,新团锋村村民委员会,,510502004209;510502004001,"]

    await imported(changed(without=[*VILLAGES, "510502004001"], more=more), day=LATER)

    assert (await areas.current_area(made["510502004202"].id)).name == "新团锋村村民委员会"


async def test_split_and_merged_again_area_needs_no_choice():
    made, _ = await split()
    more = ["510502004201,团结村村民委员会,,510502004211;510502004212,"]

    await imported(changed(without=["510502004201"], more=more), day=LATER)

    assert await areas.home_choices(made["510502004201"].id) == []
    assert (await areas.current_area(made["510502004201"].id)).id == (await coded("510502004201")).id


async def test_a_merger_that_was_split_later_stops_at_the_split():
    made, _ = await merge()
    more = [line.replace("510502004201,", "510502004209,") for line in SPLIT]
    await imported(changed(without=VILLAGES, more=more), day=LATER)

    current = await areas.current_area(made["510502004202"].id)

    assert (current.name, current.valid_until) == ("团锋村村民委员会", LATER)
    assert len(await areas.home_choices(made["510502004202"].id)) == 2


async def test_ended_area_without_successor_is_its_own_present_area():
    made = await little()
    await imported(changed(without=["510502004202"]), day=LATER)

    assert (await areas.current_community(made["510502004202"].id)).id == made["510502004202"].id
    assert await areas.home_choices(made["510502004202"].id) == []


async def test_home_must_be_an_existing_community():
    made = await little()

    with pytest.raises(CommunityRequired):
        await areas.current_community(made["510502004"].id)
    with pytest.raises(NotFound):
        await areas.current_community(4711)
    assert await areas.home_choices(4711) == []


async def test_villages_move_with_merged_towns_in_a_list_of_towns():
    made = await little()
    towns = f"{HEADER}\n510502006,邻蓝街道,,510502004;510502005,\n"

    edition = await imported(towns, day=LATER)

    assert edition.counts == {"added": 1, "moved": 4, "merged": 2}
    town = await coded("510502006")
    village = await again(made["510502004201"])
    assert (village.parent_id, village.ancestor_ids[-1], village.valid_until) == (town.id, town.id, None)


async def test_villages_of_merged_towns_are_found_again_below_the_new_one():
    made = await little()
    left = [code for code in made if code.startswith(("510502004", "510502005"))]
    more = [
        "510502006,邻蓝街道,,510502004;510502005,",
        "510502006201,团结村村民委员会,,,",
        "510502006001,宪桥社区居民委员会,,,",
    ]

    edition = await imported(changed(without=left, more=more), day=LATER)

    assert (edition.counts["moved"], edition.counts["dissolved"]) == (2, 2)
    assert (await coded("510502006201")).id == made["510502004201"].id


@pytest.mark.parametrize("predecessor", ["510502004299", "510502004"])
async def test_a_predecessor_must_be_an_area_of_that_level(predecessor):
    await little()

    wrong = await wrong_lines(f"{HEADER}\n510502004209,新村,,{predecessor},\n", day=LATER)

    assert wrong == [(2, f"前身代码 {predecessor} 不是现有的同级区划")]


async def test_predecessors_may_be_named_by_another_authoritys_codes():
    made = await little()

    await imported(f"{HEADER}\n510502004209,团锋村,510502004,510502004201;510502004202,\n", system="mca", day=LATER)

    assert (await areas.current_area(made["510502004201"].id)).name == "团锋村"


async def cover(area: Area, *levels: StationLevel, name: str = "社工站"):
    """Create a station of each level that covers the area."""
    for level in levels:
        station = await factories.station(f"{area.name}{name}", level, area)
        await Coverage.create(station=station, area=area, level=level, valid_from=DAY)


async def covered(area: Area) -> dict[str, int]:
    return {row.level: row.station_id for row in await Coverage.filter(area_id=area.id, current=1)}


async def test_merged_area_keeps_the_station_that_covered_all_predecessors():
    made = await little()
    room = await factories.station(
        "团结社工室", StationLevel.COMMUNITY_ROOM, made[VILLAGES[0]], covers=[made[c] for c in VILLAGES]
    )

    edition = await imported(changed(without=VILLAGES, more=MERGED), day=LATER)

    assert edition.undecided == []
    [row] = await Coverage.filter(area_id=(await coded("510502004209")).id)
    assert (row.station_id, row.level, row.valid_from, row.current) == (room.id, StationLevel.COMMUNITY_ROOM, LATER, 1)
    assert await covered(made[VILLAGES[0]]) == {StationLevel.COMMUNITY_ROOM: room.id}


async def test_coverage_that_began_after_the_lists_day_begins_no_earlier_for_the_successor():
    made = await little()
    room = await factories.station(
        "团结社工室", StationLevel.COMMUNITY_ROOM, made[VILLAGES[0]], covers=[made[c] for c in VILLAGES]
    )
    begun = LATER + timedelta(days=3)
    await Coverage.filter(station_id=room.id, area_id=made[VILLAGES[0]].id).update(valid_from=begun)

    await imported(changed(without=VILLAGES, more=MERGED), day=LATER)

    [row] = await Coverage.filter(area_id=(await coded("510502004209")).id)
    assert row.valid_from == begun


async def test_coverage_that_has_not_begun_is_not_passed_on():
    made = await little()
    room = await factories.station(
        "团结社工室", StationLevel.COMMUNITY_ROOM, made[VILLAGES[0]], covers=[made[c] for c in VILLAGES]
    )
    await Coverage.filter(station_id=room.id).update(valid_from=NOW.date() + timedelta(days=1))

    edition = await imported(changed(without=VILLAGES, more=MERGED), day=LATER)

    assert (edition.undecided, await covered(await coded("510502004209"))) == ([], {})


@pytest.mark.parametrize("both", [True, False])
async def test_officer_decides_if_predecessors_have_different_stations(both):
    made = await little()
    for code in VILLAGES if both else VILLAGES[:1]:
        await cover(made[code], StationLevel.COMMUNITY_ROOM)
    rooms = sorted(await Coverage.all().values_list("station_id", flat=True))

    edition = await imported(changed(without=VILLAGES, more=MERGED), day=LATER)

    successor = await coded("510502004209")
    assert edition.undecided == [{"area_id": successor.id, "level": "community_room", "station_ids": rooms}]
    assert await covered(successor) == {}


async def test_a_village_that_absorbs_an_uncovered_one_keeps_its_room():
    made = await little()
    await cover(made["510502004201"], StationLevel.COMMUNITY_ROOM)
    before = await covered(made["510502004201"])
    more = ["510502004201,团结村村民委员会,,510502004201;510502004202,"]

    edition = await imported(changed(without=VILLAGES, more=more), day=LATER)

    assert edition.undecided == []
    assert await covered(made["510502004201"]) == before


async def test_a_village_that_absorbs_one_of_another_room_is_for_an_officer_to_decide():
    made = await little()
    for code in VILLAGES:
        await cover(made[code], StationLevel.COMMUNITY_ROOM)
    more = ["510502004201,团结村村民委员会,,510502004201;510502004202,"]

    edition = await imported(changed(without=VILLAGES, more=more), day=LATER)

    assert [row["area_id"] for row in edition.undecided] == [made["510502004201"].id]


async def test_both_sides_of_a_split_keep_the_stations_of_all_levels():
    made = await little()
    await cover(made["510502004201"], StationLevel.COMMUNITY_ROOM, StationLevel.TOWN_STATION)

    edition = await imported(changed(without=["510502004201"], more=SPLIT), day=LATER)

    assert edition.undecided == []
    before = await covered(made["510502004201"])
    for side in await areas.home_choices(made["510502004201"].id):
        assert await covered(side) == before


async def test_successors_remember_their_edition():
    _, edition = await merge()

    assert await AreaSuccessor.filter(edition_id=edition.id).count() == 2


async def test_areas_without_successor_are_dissolved_in_covered_levels_only():
    await little()
    towns = f"{HEADER}\n510502006,邻玉新街道,,510502004,\n"

    covered = await proposed(towns, day=LATER)
    uncovered = await proposed(towns, day=LATER, covers=(AreaLevel.COUNTY,))

    assert covered.counts == {"renamed": 1, "recoded": 1, "dissolved": 1, "orphaned": 1}
    assert uncovered.counts == {"renamed": 1, "recoded": 1}
