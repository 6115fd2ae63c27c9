"""Categories and service promises: the plan's list and officers' changes."""

import asyncio

import pytest

from server.domain import categories, coverage_report, routing
from server.domain.categories import DEFAULTS, SEED, CategoryTexts, PromiseTerms
from server.errors import CategoryExists, CategoryRequired, NotFound
from server.models import AuditEntry, Category, Need, PromiseUnit, ServicePromise, Urgency
from tests.conftest import NOW
from tests.factories.stations import TODAY

CONFIDENTIAL = {"精神卫生", "禁毒戒毒", "矫治帮教", "犯罪预防", "婚姻家庭", "心理疏导"}
PLAN = [
    "社会救助",
    "养老服务",
    "儿童福利",
    "社会事务",
    "社区治理",
    "文明实践",
    "精神卫生",
    "教育辅导",
    "就业援助",
    "职工帮扶",
    "犯罪预防",
    "禁毒戒毒",
    "矫治帮教",
    "纠纷调解",
    "应急处置",
    "群众文化",
    "残疾人服务",
    "心理疏导",
    "关系调适",
    "资源协调",
    "婚姻家庭",
]
FASTER = PromiseTerms(
    Urgency.NORMAL,
    (4, PromiseUnit.WORKING_HOURS),
    (3, PromiseUnit.WORKING_DAYS),
    "泸州市民政局2026年服务承诺",
)


@pytest.fixture
def chief(city):
    return city.staff["卫处长"]


async def test_seed_has_plan_categories_with_not_sure_last(database):
    await categories.seed(NOW)

    names = [one.category.name for one in await categories.list_categories(with_inactive=False)]

    assert names == [*PLAN, "不确定"]


async def test_sensitive_categories_are_confidential(database):
    await categories.seed(NOW)

    assert {category.name for category in await Category.filter(confidential=True)} == CONFIDENTIAL


async def test_seeding_again_adds_missing_and_keeps_changes(database):
    assert await categories.seed(NOW) == len(SEED)
    await Category.filter(code="culture").update(name="文化活动", active=False)

    assert await categories.seed(NOW) == 0

    kept = await Category.get(code="culture")
    assert (kept.name, kept.active) == ("文化活动", False)
    assert await ServicePromise.all().count() == len(SEED) * 3


async def test_every_category_has_promises_with_source(city):
    found = await categories.get_category("elder_care")

    assert [promise.urgency for promise in found.promises] == list(Urgency)
    assert all("不是泸州市的规定" in promise.source for promise in found.promises)


@pytest.mark.parametrize(
    ("urgency", "words"),
    [
        (Urgency.NORMAL, "1个工作日内答复，5个工作日内办结"),
        (Urgency.URGENT, "4个工作小时内答复，2个工作日内办结"),
        (Urgency.EMERGENCY, "有人值班时30分钟内答复，2个工作日内办结"),
    ],
)
def test_promise_in_words_is_plain_chinese(urgency, words):
    [default] = [one for one in DEFAULTS if one.urgency == urgency]

    assert categories.promise_in_words(*default.response, *default.completion) == words


async def test_changed_promise_keeps_earlier_deadlines(city, chief):
    before = await city.need()

    await categories.set_promises("elder_care", [FASTER], by=chief, now=NOW)

    after = await city.need()
    assert after.completion_due_at < before.completion_due_at
    assert (await Need.get(id=before.id)).completion_due_at == before.completion_due_at
    promised = await categories.get_promise(after.category_id, Urgency.NORMAL)
    assert promised.source == "泸州市民政局2026年服务承诺"


async def test_changed_urgency_leaves_other_promises(city, chief):
    changed = await categories.set_promises("elder_care", [FASTER], by=chief, now=NOW)

    assert [one.completion_amount for one in changed.promises] == [3, 2, 2]


async def test_new_category_has_promises_and_goes_to_city_desk(city, chief):
    added = await categories.add("legal_aid", CategoryTexts("法律援助"), confidential=False, by=chief, now=NOW)

    assert len(added.promises) == 3
    assert (await routing.responsible(city.areas["和平社区"].id, added.category.id, TODAY)).gap
    assert [one.code for one in await coverage_report.categories_not_offered(chief)] == ["legal_aid"]


async def test_duplicate_code_is_refused(city, chief):
    with pytest.raises(CategoryExists):
        await categories.add("elder_care", CategoryTexts("养老"), confidential=False, by=chief, now=NOW)

    assert (await Category.get(code="elder_care")).name == "养老服务"


async def test_two_officers_adding_same_code_at_once_leave_one(city, chief):
    answers = await asyncio.gather(
        *(
            categories.add("legal_aid", CategoryTexts(f"法律{n}"), confidential=False, by=chief, now=NOW)
            for n in range(3)
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, CategoryExists) for answer in answers) == 2, answers
    assert await ServicePromise.filter(category__code="legal_aid").count() == 3


async def test_inactive_category_is_hidden_and_kept(city, chief):
    await categories.change("culture", changes={"active": False}, by=chief, now=NOW)

    shown = [one.category.code for one in await categories.list_categories(with_inactive=False)]
    kept = [one.category.code for one in await categories.list_categories(with_inactive=True)]

    assert "culture" not in shown
    assert "culture" in kept


async def test_category_is_renamed_and_moved(city, chief):
    changed = await categories.change("culture", changes={"name": "文化活动", "position": 0}, by=chief, now=NOW)

    assert changed.category.name == "文化活动"
    entry = await AuditEntry.get(action="category.changed")
    assert entry.facts == {"name": "文化活动", "position": 0}


async def test_not_sure_can_be_renamed_but_not_deactivated(city, chief):
    with pytest.raises(CategoryRequired):
        await categories.change("not_sure", changes={"active": False}, by=chief, now=NOW)

    assert (await categories.change("not_sure", changes={"name": "说不清"}, by=chief, now=NOW)).category.active


async def test_empty_change_is_not_audited(city, chief):
    await categories.change("culture", changes={}, by=chief, now=NOW)

    assert not await AuditEntry.exists(action="category.changed")


async def test_unknown_code_is_not_found(city, chief):
    with pytest.raises(NotFound):
        await categories.get_category("flying")
    with pytest.raises(NotFound):
        await categories.change("flying", changes={"name": "飞"}, by=chief, now=NOW)
    with pytest.raises(NotFound):
        await categories.set_promises("flying", [FASTER], by=chief, now=NOW)
