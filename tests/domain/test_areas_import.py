"""Import an authority's list: its changes are shown first and then applied as a whole; no id is lost."""

import asyncio
import io
from collections import Counter
from datetime import date, timedelta
from functools import partial

import pytest

from server.domain import areas
from server.domain.areas import NewEdition
from server.errors import (
    EditionDecided,
    EditionNotYetValid,
    EditionOutdated,
    EditionTooOld,
    NotFound,
)
from server.models import (
    Area,
    AreaChange,
    AreaCode,
    AreaEdition,
    AreaEditionRow,
    AreaLevel,
    AreaName,
    AuditEntry,
    Coverage,
    EditionStatus,
    Need,
    Person,
)
from tests import factories
from tests.factories.areas import (
    DAY,
    LATER,
    LITTLE,
    NOW,
    again,
    changed,
    coded,
    country,
    csv_of,
    imported,
    little,
    proposed,
    wrong_lines,
)

pytestmark = pytest.mark.usefixtures("database")


async def luzhou() -> list[AreaEdition]:
    """Import both lists that come with the project, one after the other."""
    editions = []
    for path, new in areas.LUZHOU:
        open_file = partial(path.open, encoding="utf-8-sig", newline="")
        edition = await areas.propose(open_file, new, by=None, now=NOW)
        editions.append(await areas.apply(edition.id, by=None, now=NOW))
    return editions


async def test_the_statistics_bureaus_list_adds_all_of_luzhou():
    first, _ = await luzhou()

    assert first.counts == {"added": 1623}
    levels = Counter([area.level for area in await Area.all()])
    assert (levels["county"], levels["town"], levels["community"]) == (7, 126, 1488)


async def test_the_ministrys_list_on_top_recodes_twelve_towns_renames_one_and_leaves_four_out():
    _, second = await luzhou()

    assert second.counts == {"renamed": 1, "recoded": 12, "left_out": 4, "unchanged": 113}
    [renamed] = await areas.changes(second.id, kind=AreaChange.RENAMED)
    assert (renamed.row.before_name, renamed.row.name) == ("双沙镇", "白沙场镇")
    left_out = await areas.changes(second.id, kind=AreaChange.LEFT_OUT)
    assert {row.row.name[:-4] for row in left_out} == {"张坝街道", "棉花坡镇", "土城镇", "金星乡"}
    assert await Area.all().count() == 1623


async def test_the_ministrys_list_touches_no_community():
    path, new = areas.LUZHOU[0]
    await imported(path.read_text(encoding="utf-8-sig"), day=new.valid_from)
    before = await Area.filter(level=AreaLevel.COMMUNITY).order_by("id").values()

    path, new = areas.LUZHOU[1]
    await imported(path.read_text(encoding="utf-8-sig"), system="mca", day=new.valid_from)

    assert await Area.filter(level=AreaLevel.COMMUNITY).order_by("id").values() == before


async def test_two_authorities_may_give_one_code_to_different_towns():
    await luzhou()

    assert (await coded("510502109", "nbs")).name == "丹林镇"
    assert (await coded("510502109", "mca")).name == "分水岭镇"
    assert await areas.codes([(await coded("510502109", "nbs")).id]) == {
        (await coded("510502109", "nbs")).id: {"nbs": "510502109", "mca": "510502111"}
    }


async def test_proposing_changes_nothing_of_the_tree():
    edition = await proposed(csv_of(LITTLE))

    assert edition.status == EditionStatus.PROPOSED
    assert edition.counts == {"added": len(LITTLE)}
    assert not await Area.exists()
    assert not await AreaCode.exists()


async def test_every_area_knows_its_parent_and_its_ancestors():
    made = await little()

    village = made["510502004201"]
    above = [made[code].id for code in ("51", "5105", "510502", "510502004")]
    assert (village.parent_id, village.ancestor_ids) == (above[-1], above)
    assert (village.level, village.valid_from, village.valid_until) == ("community", DAY, None)


async def test_the_same_list_again_changes_nothing():
    await little()

    edition = await imported(csv_of(LITTLE), day=LATER)

    assert edition.counts == {"unchanged": len(LITTLE)}
    assert await AreaCode.all().count() == len(LITTLE)


async def test_a_renamed_village_keeps_its_id_and_its_old_name():
    made = await little()

    edition = await imported(changed({"510502004201": "团结新村村民委员会"}), day=LATER)

    assert edition.counts["renamed"] == 1
    village = await again(made["510502004201"])
    assert village.name == "团结新村村民委员会"
    [old] = await AreaName.filter(area_id=village.id)
    assert (old.name, old.kind, old.valid_until) == ("团结村村民委员会", "old", LATER)


async def test_a_recoded_town_keeps_its_id_and_its_old_code_ends():
    made = await little()
    names = {"510502104": "邻玉街道"} | {
        f"510502104{c[9:]}": n for c, n in LITTLE.items() if c[:9] == "510502004" and c[9:]
    }

    edition = await imported(changed(names, [c for c in LITTLE if c.startswith("510502004")]), day=LATER)

    assert edition.counts == {"recoded": 4, "unchanged": 8}
    assert (await coded("510502104")).id == made["510502004"].id
    old = await AreaCode.get(code="510502004")
    assert (old.area_id, old.valid_from, old.valid_until, old.current) == (made["510502004"].id, DAY, LATER, None)


async def test_two_towns_may_swap_their_codes():
    made = await little()
    towns = {"510502004": "蓝田街道", "510502005": "邻玉街道"}

    edition = await imported(csv_of(towns), day=LATER)

    assert edition.counts == {"recoded": 2}
    assert (await coded("510502005")).id == made["510502004"].id
    assert (await coded("510502004")).id == made["510502005"].id


async def test_a_village_moved_to_the_next_town_keeps_its_id():
    made = await little()
    moved = changed({"510502005203": "团结村村民委员会"}, ["510502004201"])

    edition = await imported(moved, day=LATER)

    assert edition.counts == {"recoded": 1, "moved": 1, "unchanged": 11}
    village = await again(made["510502004201"])
    assert (village.parent_id, village.ancestor_ids[-1]) == (made["510502005"].id, made["510502005"].id)
    [shown] = await areas.changes(edition.id)
    assert (shown.path, shown.before_path) == ("泸州市 · 江阳区 · 蓝田街道 · 团结村", "泸州市 · 江阳区 · 邻玉街道")


async def test_a_town_moved_to_another_county_takes_its_villages_along():
    made = await little()
    town = [
        "510502,江阳区,,,",
        "510503,纳溪区,,,",
        "510503004,邻玉街道,,,",
        "510502005,蓝田街道,,,",
        "510503107,白节镇,,,",
    ]

    await imported(changed({}, LITTLE, town), day=LATER)

    village = await again(made["510502004201"])
    assert village.ancestor_ids == [made[code].id for code in ("51", "5105", "510503", "510502004")]


async def test_a_village_of_that_name_in_another_county_is_another_village():
    await little()
    names = {"510503107230": "先锋村村民委员会"}

    edition = await proposed(changed(names, ["510502004202"]), day=LATER)

    assert edition.counts == {"added": 1, "dissolved": 1, "unchanged": 11}


async def test_ambiguous_move_is_not_guessed():
    await little()
    names = {"510502005203": "团结村村民委员会", "510502005204": "团结村村民委员会"}

    edition = await proposed(changed(names, ["510502004201"]), day=LATER)

    assert edition.counts == {"added": 2, "dissolved": 1, "unchanged": 11}


async def test_area_missing_from_a_complete_list_is_dissolved_and_kept():
    made = await little()

    edition = await imported(changed(without=["510502004202"]), day=LATER)

    assert edition.counts == {"dissolved": 1, "unchanged": 11}
    assert (await again(made["510502004202"])).valid_until == LATER
    assert (await AreaCode.get(code="510502004202")).current is None


async def test_a_town_listed_as_dissolved_ends_and_its_villages_are_named():
    made = await little()

    edition = await imported(csv_of({"510502004": "邻玉街道（撤销）", "510502005": "蓝田街道"}), day=LATER)

    assert edition.counts == {"dissolved": 1, "orphaned": 3, "left_out": 1, "unchanged": 1}
    assert (await again(made["510502004"])).valid_until == LATER
    assert (await again(made["510502004201"])).valid_until is None


async def test_a_list_of_one_county_dissolves_nothing_elsewhere():
    await little()

    edition = await proposed(csv_of({"510503107": "白节镇"}), day=LATER)

    assert edition.counts == {"unchanged": 1}


async def test_only_covered_levels_are_dissolved():
    await little()
    without = changed(without=["510503", "510503107", "510503107229", "510502004202"])

    edition = await proposed(without, day=LATER, covers=(AreaLevel.COMMUNITY,))

    assert edition.counts == {"dissolved": 1, "unchanged": 8}


async def test_a_dissolved_county_takes_all_below_it_when_the_list_covers_them():
    await little()

    edition = await imported(changed(without=["510503", "510503107", "510503107229"]), day=LATER)

    assert edition.counts == {"dissolved": 3, "unchanged": 9}


async def test_other_names_in_the_list_are_kept_once():
    await little()
    alias = ["510502004201,团结村村民委员会,,,大榕树;老团结"]

    await imported(changed(without=["510502004201"], more=alias), day=LATER)
    await imported(changed(without=["510502004201"], more=alias), day=LATER)

    kept = await AreaName.filter(area_id=(await coded("510502004201")).id).order_by("name")
    assert [(row.name, row.kind) for row in kept] == [("大榕树", "alias"), ("老团结", "alias")]


async def test_homes_needs_and_coverage_stay_where_they_were():
    city = await factories.city(NOW)
    need = await city.need()
    coverage = await Coverage.all().order_by("id").values()
    codes = {"四川省": "51", "泸州市": "5105", "江阳区": "510502", "邻玉街道": "510502004", "团结村": "510502004201"}
    await imported(csv_of({code: name for name, code in codes.items()}), covers=(AreaLevel.PROVINCE,))

    await imported(csv_of({"51": "四川省", "510502004": "邻玉镇", "510502004299": "团结新村"}), day=LATER)

    assert (await Person.get(id=city.grandma.id)).home_id == city.areas["团结村"].id
    kept = await Need.get(id=need.id)
    assert (kept.area_id, kept.station_id) == (need.area_id, need.station_id)
    assert await Coverage.all().order_by("id").values() == coverage


async def test_a_code_that_an_area_outside_of_the_list_keeps_is_refused():
    await little()

    wrong = await wrong_lines("code,name,parent_code\n510503107,新镇,510502\n", day=LATER, covers=(AreaLevel.COUNTY,))

    assert wrong == [(2, "代码 510503107 仍属于文件未列出的另一个区划")]


async def test_a_proposal_is_stale_once_another_edition_was_applied():
    await little()
    first, second = await proposed(changed(), day=LATER), await proposed(changed(), day=LATER)

    await areas.apply(first.id, by=None, now=NOW)

    with pytest.raises(EditionOutdated):
        await areas.apply(second.id, by=None, now=NOW)
    assert (await AreaEdition.get(id=second.id)).status == EditionStatus.PROPOSED


async def test_two_editions_applied_at_once_leave_one():
    await little()
    editions = [await proposed(changed({"510502004201": name}), day=LATER) for name in ("甲村", "乙村")]

    answers = await asyncio.gather(
        *(areas.apply(edition.id, by=None, now=NOW) for edition in editions), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["AreaEdition", "EditionOutdated"]
    won = [edition for edition in editions if (await AreaEdition.get(id=edition.id)).status == "applied"]
    assert len(won) == 1
    assert await AreaName.all().count() == 1


@pytest.mark.parametrize("verb", [areas.apply, areas.discard])
async def test_an_edition_is_decided_once(verb):
    edition = await proposed(csv_of(LITTLE))
    await verb(edition.id, by=None, now=NOW)

    for other in (areas.apply, areas.discard):
        with pytest.raises(EditionDecided):
            await other(edition.id, by=None, now=NOW)


async def test_discarded_edition_changes_nothing_and_blocks_no_other():
    discarded, other = await proposed(csv_of(LITTLE)), await proposed(csv_of(LITTLE))

    await areas.discard(discarded.id, by=None, now=NOW)
    assert not await Area.exists()

    await areas.apply(other.id, by=None, now=NOW)
    assert await Area.all().count() == len(LITTLE)


async def test_missing_edition_cannot_be_decided():
    for verb in (areas.apply, areas.discard):
        with pytest.raises(NotFound):
            await verb(4711, by=None, now=NOW)


async def test_an_older_list_is_refused_once_a_newer_one_was_applied():
    await little()

    with pytest.raises(EditionTooOld) as refused:
        await proposed(csv_of(LITTLE), day=DAY - timedelta(days=1))

    assert refused.value.details == {"valid_from": date(2026, 1, 1)}


async def test_a_list_of_tomorrow_can_be_shown_today_and_applied_tomorrow():
    edition = await proposed(csv_of(LITTLE), day=date(2026, 3, 11))

    with pytest.raises(EditionNotYetValid):
        await areas.apply(edition.id, by=None, now=NOW)

    assert (await areas.apply(edition.id, by=None, now=NOW + timedelta(hours=14))).status == EditionStatus.APPLIED


async def test_audit_trail_names_who_applied_an_edition():
    officer = await factories.person("卫处长", NOW)
    edition = await proposed(csv_of(LITTLE))

    await areas.apply(edition.id, by=officer.id, now=NOW)

    entry = await AuditEntry.get(action="area_edition.applied")
    assert (entry.person_id, entry.subject, entry.facts) == (officer.id, f"area_edition:{edition.id}", {"added": 12})


@pytest.mark.parametrize("stopped_at", ["reading", "comparing", "applying"])
async def test_an_import_cancelled_in_the_middle_leaves_nothing(stopped_at):
    made = await little()
    rows = await AreaEditionRow.all().count()
    waiting = await proposed(changed({"510502004201": "甲村"}), day=LATER)

    def stop(step: str, _: int) -> None:
        if step == stopped_at:
            task.cancel()

    async def import_all() -> None:
        new = NewEdition("名单", "nbs", LATER)
        text = changed({"510502004201": "乙村"})
        if stopped_at != "applying":
            await areas.propose(partial(io.StringIO, text), new, by=None, now=NOW, progress=stop)
        await areas.apply(waiting.id, by=None, now=NOW, progress=stop)

    task = asyncio.ensure_future(import_all())
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await again(made["510502004201"])).name == "团结村村民委员会"
    assert await AreaEdition.all().count() == 2
    assert await AreaEditionRow.all().count() == rows + 12


async def test_progress_reports_every_row():
    reported: Counter[str] = Counter()
    lines = list(country(2_000))

    def tell(step: str, rows: int) -> None:
        reported[step] += rows

    new = NewEdition("全国", "nbs", DAY)
    edition = await areas.propose(partial(io.StringIO, "".join(lines)), new, by=None, now=NOW, progress=tell)
    await areas.apply(edition.id, by=None, now=NOW, progress=tell)

    assert reported["reading"] == reported["applying"] == len(lines) - 1 == await Area.all().count()


async def test_a_country_comes_back_unchanged_however_its_lines_are_sorted():
    lines = list(country(2_000))
    await imported("".join(lines))

    edition = await proposed("".join([lines[0], *reversed(lines[1:])]), day=LATER)

    assert edition.counts == {"unchanged": len(lines) - 1}
