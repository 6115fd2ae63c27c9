"""Categories of need and the service promise 服务承诺 of each; the city's officers keep both.

The plan names the categories (plan rules 16 and 17) and gives no times: the default times follow city hotlines
elsewhere, and each promise names its source.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from server.database import db
from server.domain import audit, reference
from server.domain.reference import Snapshot
from server.domain.routing import NOT_SURE
from server.domain.staff import Staff
from server.errors import CategoryExists, CategoryRequired, NotFound
from server.models import Category, PromiseUnit, ServicePromise, Urgency

# (code, name, confidential, explanation, icon), in the order in which residents see them.
SEED = (
    ("social_relief", "社会救助", False, "低保、特困、临时救助等怎样申请", "helping_hand"),
    ("elder_care", "养老服务", False, "老人看病、买药、吃饭、陪伴等", "elder"),
    ("child_welfare", "儿童福利", False, "孤儿、留守儿童、困境儿童的照顾", "child"),
    ("social_affairs", "社会事务", False, "婚姻登记、殡葬、收养等怎样办理", "document"),
    ("community_governance", "社区治理", False, "楼栋、院落的公共事务和居民议事", "community"),
    ("civic_practice", "文明实践", False, "志愿服务、文明新风活动", "flag"),
    ("mental_health", "精神卫生", True, "精神障碍患者和家属的照护与康复", "brain"),
    ("tutoring", "教育辅导", False, "孩子的作业辅导、兴趣班和家庭教育", "book"),
    ("employment", "就业援助", False, "找工作、学技能、创业咨询", "briefcase"),
    ("workers", "职工帮扶", False, "工资、工伤等权益和困难职工帮扶", "worker"),
    ("crime_prevention", "犯罪预防", True, "青少年不良行为的预防和帮助", "shield"),
    ("drug_recovery", "禁毒戒毒", True, "戒毒康复人员和家属的帮助", "recovery"),
    ("correction", "矫治帮教", True, "社区矫正和刑满释放人员的帮助", "compass"),
    ("mediation", "纠纷调解", False, "邻里、家庭等矛盾的调解", "handshake"),
    ("emergency_response", "应急处置", False, "火灾、水灾等突发事件后的帮助", "alarm"),
    ("culture", "群众文化", False, "唱歌、跳舞、书画等文化活动", "music"),
    ("disability", "残疾人服务", False, "辅具、康复、照料和无障碍出行", "wheelchair"),
    ("counselling", "心理疏导", True, "心情不好、睡不着、压力大，想找人说说", "heart"),
    ("relationships", "关系调适", False, "亲子、邻里、朋友之间相处的困难", "people"),
    ("resources", "资源协调", False, "需要物资、场地、专业机构等帮助", "box"),
    ("marriage_family", "婚姻家庭", True, "夫妻矛盾、家庭暴力等", "home"),
    (NOT_SURE, "不确定", False, "说不清属于哪一类，社工帮您判断", "question"),
)
NOT_CITY_POLICY = "系统默认值，不是泸州市的规定；"


@dataclass(frozen=True)
class PromiseTerms:
    """The response and completion times for an urgency, each as (amount, unit), and their source."""

    urgency: Urgency
    response: tuple[int, PromiseUnit]
    completion: tuple[int, PromiseUnit]
    source: str


DEFAULTS = (
    PromiseTerms(
        Urgency.NORMAL,
        (1, PromiseUnit.WORKING_DAYS),
        (5, PromiseUnit.WORKING_DAYS),
        f"{NOT_CITY_POLICY}参照外地政务热线通行做法：1个工作日答复，3至5个工作日办结",
    ),
    PromiseTerms(
        Urgency.URGENT,
        (4, PromiseUnit.WORKING_HOURS),
        (2, PromiseUnit.WORKING_DAYS),
        f"{NOT_CITY_POLICY}加急办理，约为普通期限的一半",
    ),
    PromiseTerms(
        Urgency.EMERGENCY,
        (30, PromiseUnit.MINUTES),
        (2, PromiseUnit.WORKING_DAYS),
        f"{NOT_CITY_POLICY}有人值班时30分钟内响应，后续按加急期限办结",
    ),
)
UNIT_WORDS = {
    PromiseUnit.MINUTES: "分钟",
    PromiseUnit.WORKING_HOURS: "个工作小时",
    PromiseUnit.WORKING_DAYS: "个工作日",
}


@dataclass(frozen=True)
class CategoryWithPromises:
    """A category with its promises, from normal to emergency."""

    category: Category
    promises: Sequence[ServicePromise]


@db.transaction
async def seed(now: datetime) -> int:
    """Add the missing categories of the plan, with default promises; return how many were added."""
    await reference.begin_change()
    existing = {category.code for category in await Category.all()}
    missing = [(position, *seeded) for position, seeded in enumerate(SEED) if seeded[0] not in existing]
    await Category.bulk_create(
        Category(code=code, name=name, confidential=confidential, explanation=explanation, icon=icon, position=position)
        for position, code, name, confidential, explanation, icon in missing
    )
    codes = [code for _, code, *_ in missing]
    await _create_default_promises(*await Category.filter(code__in=codes).order_by("position"))
    if missing:
        await audit.note("category.seeded", "category", by=None, now=now, codes=codes)
    return len(missing)


@dataclass(frozen=True)
class CategoryTexts:
    """The texts of a category that residents see."""

    name: str
    explanation: str = ""
    icon: str = "question"


@db.transaction
async def add(code: str, texts: CategoryTexts, *, confidential: bool, by: Staff, now: datetime) -> CategoryWithPromises:
    """Add a category with default promises; the city desk takes its needs until a station offers it.

    Raises `CategoryExists`.
    """
    await reference.begin_change()
    columns = asdict(texts) | {"confidential": confidential, "active": True, "position": len(SEED)}
    if not await db.insert_or_nothing("category", code=code, **columns):
        raise CategoryExists
    await _create_default_promises(await Category.get(code=code))
    await audit.note("category.added", f"category:{code}", by=by.person_id, now=now, name=texts.name)
    return await get_category(code)


@db.transaction
async def change(code: str, *, changes: dict[str, Any], by: Staff, now: datetime) -> CategoryWithPromises:
    """Rename, move, deactivate or make a category confidential; a confidential category stays confidential.

    Raises `CategoryRequired` if it deactivates the category “not sure”.
    """
    category = await _begin_change(code)
    if code == NOT_SURE and not changes.get("active", True):
        raise CategoryRequired
    if changes:
        await Category.filter(id=category.id).update(**changes)
        await audit.note("category.changed", f"category:{code}", by=by.person_id, now=now, **changes)
    return await get_category(code)


@db.transaction
async def set_promises(
    code: str, promises: Sequence[PromiseTerms], *, by: Staff, now: datetime
) -> CategoryWithPromises:
    """Replace the promises of the given urgencies; the deadlines of submitted needs stay."""
    category = await _begin_change(code)
    for promise in promises:
        await ServicePromise.filter(category_id=category.id, urgency=promise.urgency).update(**_columns(promise))
    words = {promise.urgency.value: promise_in_words(*promise.response, *promise.completion) for promise in promises}
    await audit.note("category.promises", f"category:{code}", by=by.person_id, now=now, **words)
    return await get_category(code)


async def list_categories(*, with_inactive: bool) -> list[CategoryWithPromises]:
    """Return the categories in the order residents see them, with their promises."""
    snapshot = await reference.snapshot()
    return [_with_promises(snapshot, one) for one in snapshot.categories.values() if one.active or with_inactive]


async def get_category(code: str) -> CategoryWithPromises:
    """Return the category with its promises. Raises `NotFound`."""
    snapshot = await reference.snapshot()
    category = snapshot.category(code)
    if category is None:
        raise NotFound(kind="category", codes=[code])
    return _with_promises(snapshot, category)


def _with_promises(snapshot: Snapshot, category: Category) -> CategoryWithPromises:
    found = (snapshot.promises.get((category.id, urgency)) for urgency in Urgency)
    return CategoryWithPromises(category, [promised for promised in found if promised is not None])


async def get(category_id: int) -> Category:
    """Return the category as the set-up in memory has it. Nobody changes this row."""
    found = (await reference.snapshot()).categories.get(category_id)
    # Another instance may have added it after this request had begun.
    return found or (await reference.refresh()).categories[category_id]


async def find_active(code: str) -> Category | None:
    """Return the category; None if the code does not exist or is inactive."""
    category = (await reference.snapshot()).category(code)
    return category if category is not None and category.active else None


async def get_promise(category_id: int, urgency: Urgency) -> ServicePromise:
    """Return the promise for needs of the category and urgency."""
    return (await reference.snapshot()).promises[category_id, urgency]


def promise_in_words(response: int, response_unit: PromiseUnit, completion: int, completion_unit: PromiseUnit) -> str:
    """Return the promise in words, such as “1个工作日内答复，5个工作日内办结”.

    Minutes are promised only while a person is on duty.
    """
    condition = "有人值班时" if response_unit == PromiseUnit.MINUTES else ""
    answered = f"{condition}{response}{UNIT_WORDS[response_unit]}内答复"
    return f"{answered}，{completion}{UNIT_WORDS[completion_unit]}内办结"


async def _begin_change(code: str) -> Category:
    await reference.begin_change()
    category = await Category.get_or_none(code=code)
    if category is None:
        raise NotFound(kind="category", codes=[code])
    return category


async def _create_default_promises(*categories: Category) -> None:
    await ServicePromise.bulk_create(
        ServicePromise(category_id=category.id, urgency=default.urgency, **_columns(default))
        for category in categories
        for default in DEFAULTS
    )


def _columns(promised: PromiseTerms) -> dict[str, Any]:
    response_amount, response_unit = promised.response
    completion_amount, completion_unit = promised.completion
    return {
        "response_amount": response_amount,
        "response_unit": response_unit,
        "completion_amount": completion_amount,
        "completion_unit": completion_unit,
        "source": promised.source,
    }
