"""Read a list: every wrong line is named with its problem, and a file with a wrong line changes nothing."""

import io

import pytest

from server.domain import areas
from server.domain.areas import NewEdition, edition_csv
from server.errors import InvalidAreaFile
from server.models import AreaEdition, AreaEditionRow
from tests.factories.areas import DAY, LATER, LITTLE, NOW, coded, csv_of, imported, little, proposed, wrong_lines

pytestmark = pytest.mark.usefixtures("database")

ABOVE = "51,四川省,,\n5105,泸州市,,\n510502,江阳区,,\n"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("51050,短镇,,", "代码“51050”应为 2、4、6、9 或 12 位数字"),
        ("51050200x,字镇,,", "代码“51050200x”应为 2、4、6、9 或 12 位数字"),
        ("５１０５０２００４,全角镇,,", "代码“５１０５０２００４”应为 2、4、6、9 或 12 位数字"),
        (",无镇,,", "代码“”应为 2、4、6、9 或 12 位数字"),
        ("510502004,,,", "没有名称"),
        (f"510502004,{'长' * 101},,", "名称超过 100 个字"),
        ("510502004,邻 玉镇,,", "名称含有不能使用的字符"),
        ("510502004,邻\u200b玉镇,,", "名称含有不能使用的字符"),
        ("510502004,邻\ue000镇,,", "名称含有不能使用的字符"),
        ("510502004,邻\ufffd镇,,", "名称含有不能使用的字符"),
        ("510502004,𠮷\u200b镇,,", "名称含有不能使用的字符"),
        ("510502004,邻玉镇,district,", "级别“district”不认识"),
        ("510502004,邻玉镇,town,510599", "上级代码 510599 不存在"),
        ("610502004,邻玉镇,,", "找不到 610502004 的上级"),
        ("610502,邻玉镇,province,510502", "上级 510502 的级别不高于本级"),
        ("510502,江阳区,,", "代码 510502 重复"),
        ("510502004,邻玉镇,,,多", "应有 4 列，实有 5 列"),
        ("510502004,邻玉镇", "应有 4 列，实有 2 列"),
    ],
)
async def test_a_wrong_line_is_named(line, problem):
    wrong = await wrong_lines(f"code,name,level,parent_code\n{ABOVE}{line}\n")

    assert wrong[-1] == (5, problem)


async def test_all_wrong_lines_are_named_at_once_and_nothing_is_kept():
    wrong = await wrong_lines(f"code,name,level,parent_code\n{ABOVE}7,短,,\n510502004,好镇,,\n510502005,,,\n")

    assert [line for line, _ in wrong] == [5, 7]
    assert not await AreaEdition.exists()
    assert not await AreaEditionRow.exists()


@pytest.mark.parametrize(("lines", "named", "more"), [(100, 100, False), (101, 100, True)])
async def test_at_most_a_hundred_wrong_lines_are_named(lines, named, more):
    with pytest.raises(InvalidAreaFile) as refused:
        await proposed("code,name\n" + "7,短\n" * lines)

    assert len(refused.value.details["lines"]) == named
    assert refused.value.details["more"] is more


async def test_a_file_without_end_is_read_to_a_limit(monkeypatch):
    monkeypatch.setattr(edition_csv, "MOST_LINES", 3)

    wrong = await wrong_lines("code,name\n51,四川省\n52,贵州省\n53,云南省\n54,西藏\n")

    assert wrong == [(4, "文件不能超过 3 行")]


@pytest.mark.parametrize(
    "header", ["", "code", "name,level", "code,name,colour", "code,name,name", "编号,名称", "code;name"]
)
async def test_a_file_without_the_right_columns_is_refused(header):
    wrong = await wrong_lines(f"{header}\n51,四川省\n")

    assert wrong == [(1, "第一行应为列名 code,name，可加 level,parent_code,predecessors,aliases")]


async def test_a_file_that_is_not_utf8_or_no_csv_is_refused():
    gbk = "code,name\n51,四川省\n".encode("gbk")

    with pytest.raises(InvalidAreaFile) as refused:
        await areas.propose(
            lambda: io.TextIOWrapper(io.BytesIO(gbk), "utf-8"), NewEdition("名单", "nbs", DAY), by=None, now=NOW
        )

    assert refused.value.details["lines"][0]["problem"] == "不是 UTF-8 编码"
    assert "csv" in (await wrong_lines('code,name\n51,"四川\n'))[0][1]
    assert await wrong_lines("code,name\n51,四\0川\n") == [(2, "名称含有不能使用的字符")]


@pytest.mark.parametrize("name", ["𠮷镇", "䃎㘵镇", "\U00031350镇", "三〇一（农场）镇", "第1居委会", "A·B、C镇"])
async def test_names_with_rare_characters_brackets_and_digits_are_kept_exactly(name):
    await imported(csv_of(LITTLE | {"510502009": name}))

    assert (await coded("510502009")).name == name


async def test_names_that_only_exact_comparison_tells_apart_stay_apart():
    await little()

    edition = await proposed(csv_of({"510502006": "𠮷镇", "510502007": "𡊠镇"}), day=LATER)

    assert edition.counts["added"] == 2


async def test_byte_order_marks_and_blank_lines_are_ignored():
    text = "\ufeff name , code \r\n四川省,51\r\n\r\n 泸州市 , 5105 \r\n,\r\n"

    edition = await proposed(text)

    assert edition.counts == {"added": 2}


async def test_level_and_parent_follow_from_the_code():
    await imported("code,name\n44,广东省\n4419,东莞市\n441900003,东城街道\n441900003001,岗贝社区居民委员会\n")

    town = await coded("441900003")
    assert (town.level, town.parent_id) == ("town", (await coded("4419")).id)


async def test_levels_and_parents_may_be_given_and_children_may_come_first():
    await imported("code,name,level,parent_code\n510502999,飞地村,village,11\n11,北京市,province,\n")

    village = await coded("510502999")
    assert (village.level, village.parent_id) == ("community", (await coded("11")).id)


async def test_parent_listed_as_dissolved_is_refused():
    wrong = await wrong_lines(csv_of(LITTLE | {"510502004": "邻玉街道（撤销）"}))

    assert {problem for _, problem in wrong} == {"上级 510502004 已撤销"}
    assert len(wrong) == 3


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ("51050,", "前身代码“51050”应为 2、4、6、9 或 12 位数字"),
        (f",{'名' * 101}", "名称超过 100 个字"),
        (",坏 名", "名称含有不能使用的字符"),
        (f"{'510502004;' * 60},", "前身代码或别名超过 500 个字"),
        (f",{';'.join(['名名名名名名名名名'] * 60)}", "前身代码或别名超过 500 个字"),
    ],
)
async def test_predecessors_and_aliases_are_checked_too(cells, problem):
    wrong = await wrong_lines(f"code,name,predecessors,aliases\n51,四川省,{cells}\n")

    assert wrong == [(2, problem)]


async def test_own_codes_win_over_another_authoritys_when_parents_are_looked_up():
    made = await little()
    await imported(csv_of({"510502004": "蓝田街道", "510502005": "邻玉街道"}), system="mca", day=LATER)

    await imported("code,name\n510502004300,新村村民委员会\n", day=LATER, covers=("province",))
    await imported("code,name\n510502004301,新居居民委员会\n", system="mca", day=LATER, covers=("province",))

    assert (await coded("510502004300")).parent_id == made["510502004"].id
    assert (await coded("510502004301", "mca")).parent_id == made["510502005"].id
