"""Find an area by the words people use; its path shows which one it is."""

import pytest

from server.domain import areas
from server.errors import NotFound
from server.models import Area, AreaName
from tests.factories.areas import LATER, NOW, changed, coded, imported, little

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("official", "short"),
    [
        ("团结村村民委员会", "团结村"),
        ("团结村民委员会", "团结村"),
        ("团结村委会", "团结村"),
        ("团结村村委会", "团结村"),
        ("玉成社区居民委员会", "玉成社区"),
        ("百梯社区居委会", "百梯社区"),
        ("锦衣居民委员会", "锦衣"),
        ("邻玉街道", "邻玉街道"),
        ("村民委员会", "村民委员会"),
        ("居委会", "居委会"),
    ],
)
def test_a_committees_name_in_short(official, short):
    assert areas.short_name(official) == short


async def found(words: str, **more) -> list[str]:
    return [place.path for place in await areas.search(words, **more)]


async def all_of_luzhou() -> None:
    for path, new in areas.LUZHOU:
        await imported(path.read_text(encoding="utf-8-sig"), system=new.code_system, day=new.valid_from)


async def test_each_tuanjie_village_of_luzhou_is_found_with_its_path():
    await all_of_luzhou()

    assert await Area.filter(name="团结村民委员会").count() == 4
    assert await found("团结村") == [
        "泸州市 · 纳溪区 · 白节镇 · 团结村",
        "泸州市 · 泸县 · 牛滩镇 · 团结村",
        "泸州市 · 合江县 · 尧坝镇 · 团结村",
        "泸州市 · 古蔺县 · 太平镇 · 团结村",
        "泸州市 · 古蔺县 · 箭竹苗族乡 · 团结村",
    ]


@pytest.mark.parametrize(
    "words", ["团结村", "团结村委会", "团结村村委会", "团结村民委员会", "团结村村民委员会", " 团结 村 "]
)
async def test_village_is_found_with_or_without_its_committee(words):
    await little()

    assert await found(words) == ["泸州市 · 江阳区 · 邻玉街道 · 团结村", "泸州市 · 纳溪区 · 白节镇 · 团结村"]


@pytest.mark.parametrize("words", ["玉成社区", "玉成", "玉成社区居委会", "玉成居委会"])
async def test_community_is_found_by_its_short_name(words):
    await little()

    assert await found(words) == ["泸州市 · 江阳区 · 邻玉街道 · 玉成社区"]


async def test_exact_names_come_first_then_beginnings_then_parts():
    names = {"510502006": "新桥", "510502007": "新桥坝镇", "510502008": "小新桥镇"}
    await little()
    await imported(changed(names), day=LATER)

    assert await found("新桥") == [f"泸州市 · 江阳区 · {name}" for name in ("新桥", "新桥坝镇", "小新桥镇")]
    assert await found("新桥", limit=2) == ["泸州市 · 江阳区 · 新桥", "泸州市 · 江阳区 · 新桥坝镇"]


@pytest.mark.parametrize("words", ["%", "_", "'", "\\", "；", "🙂", "   ", "\U00020bb7"])
async def test_words_that_mean_something_to_databases_find_nothing(words):
    await little()

    assert await found(words) == []


async def test_an_old_name_finds_the_area_and_says_so():
    await little()
    await imported(changed({"510502004201": "红星村村民委员会"}), day=LATER)

    [renamed, _] = await areas.search("团结村")

    assert (renamed.path, renamed.found_by) == ("泸州市 · 江阳区 · 邻玉街道 · 红星村", "团结村村民委员会")


async def test_alias_finds_the_area():
    made = await little()
    await AreaName.create(area=made["510502004201"], name="大榕树", kind="alias")

    for words in ("大榕树", "大榕", "榕树"):
        [place] = await areas.search(words)
        assert (place.area.id, place.found_by) == (made["510502004201"].id, "大榕树")


async def merged() -> None:
    await little()
    merger = ["510502004209,团锋村村民委员会,,510502004201;510502004202,"]
    await imported(changed(without=["510502004201", "510502004202"], more=merger), day=LATER)


async def test_the_name_of_a_village_that_merged_finds_the_one_it_is_today():
    await merged()

    [place] = await areas.search("先锋村")

    assert (place.path, place.found_by) == ("泸州市 · 江阳区 · 邻玉街道 · 团锋村", "先锋村村民委员会")
    assert place.successors == []


async def test_search_for_ended_areas_shows_successors():
    await merged()

    [place] = await areas.search("先锋村", ended=True)

    assert (place.path, place.area.valid_until) == ("泸州市 · 江阳区 · 邻玉街道 · 先锋村", LATER)
    assert [row.path for row in place.successors] == ["泸州市 · 江阳区 · 邻玉街道 · 团锋村"]


async def test_ended_village_without_successor_is_found_only_on_request():
    await little()
    await imported(changed(without=["510502004202"]), day=LATER)

    assert await found("先锋村") == []
    assert await found("先锋村", ended=True) == ["泸州市 · 江阳区 · 邻玉街道 · 先锋村"]


async def test_a_search_keeps_to_what_lies_below_an_area():
    made = await little()

    assert await found("团结村", within=made["510503"].id) == ["泸州市 · 纳溪区 · 白节镇 · 团结村"]
    with pytest.raises(NotFound):
        await found("团结村", within=4711)


async def test_the_children_of_an_area_come_page_by_page():
    made = await little()
    town = made["510502004"].id

    first = await areas.children(town, limit=2)
    second = await areas.children(town, after=first[-1].area.id, limit=2)

    assert [areas.short_name(place.area.name) for place in [*first, *second]] == ["玉成社区", "团结村", "先锋村"]
    assert [place.path for place in await areas.children(None)] == ["四川省"]


async def test_ended_areas_are_not_listed_as_children():
    made = await little()
    await imported(changed(without=["510502004202"]), day=LATER)

    assert len(await areas.children(made["510502004"].id)) == 2


async def test_an_area_is_shown_whether_it_lasts_or_not():
    await merged()
    ended = await Area.get(name="先锋村村民委员会")

    assert [row.area.name for row in (await areas.area(ended.id)).successors] == ["团锋村村民委员会"]
    assert (await areas.area((await coded("51")).id)).path == "四川省"
    with pytest.raises(NotFound):
        await areas.area(4711)


async def test_editions_are_listed_newest_first():
    await merged()
    first, second = reversed(await areas.editions())

    assert [row.id for row in await areas.editions(limit=1)] == [second.id]
    assert [row.id for row in await areas.editions(before=second.id)] == [first.id]
    assert (await areas.edition(first.id)).decided_at == NOW
    with pytest.raises(NotFound):
        await areas.edition(4711)


async def test_a_change_set_comes_page_by_page():
    await merged()
    edition = (await areas.editions())[0]

    first = await areas.changes(edition.id, limit=2)
    second = await areas.changes(edition.id, after=first[-1].row.number, limit=2)

    assert [row.row.changes for row in [*first, *second]] == ["added", "merged", "merged"]
