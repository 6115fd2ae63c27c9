"""Wordings: titles of authorities and names of the levels of stations, as people read them.

They are settings of the city, because authorities change: in many cities station work moved to another one. The name of
a new station is its place and the name of its level (plan rule 49).
"""

from dataclasses import dataclass
from datetime import datetime

from server.database import db
from server.domain import audit, reference
from server.domain.reference import Snapshot
from server.domain.staff import Staff
from server.errors import NotFound
from server.models import StandIn, StationLevel, Wording


@dataclass(frozen=True)
class WordingRule:
    """The default text, and what it is for staff."""

    default: str
    meaning: str


# The contract lists the names too, in `miniprogram_contract/wordings.py`.
WORDINGS: dict[str, WordingRule] = {
    "authority": WordingRule("民政部门", "主管社工站的部门"),
    "county_officer": WordingRule("区县民政干部", "区县主管人员的称呼"),
    "city_officer": WordingRule("市民政干部", "市主管人员的称呼"),
    "city_desk": WordingRule("市级服务台", "市级服务台的名称"),
    "head_station": WordingRule("社会工作服务总站", "区县总站的名称，前面是区县名"),
    "town_station": WordingRule("社会工作服务站", "乡镇（街道）站点的名称，前面是乡镇（街道）名"),
    "community_room": WordingRule("社会工作服务室", "村（社区）站点的名称，前面是村（社区）名"),
}
DEFAULT_SOURCE = "系统默认值，不是泸州市的规定"


@dataclass(frozen=True)
class WordingInForce:
    """A wording with its text, and the source of it."""

    name: str
    rule: WordingRule
    text: str
    source: str


def text(name: str) -> str:
    """Return the city's text as the set-up in memory has it, else the default."""
    return _in_force(name, reference.kept()).text


def level_name(level: StationLevel) -> str:
    """Return the name of the level, such as 社会工作服务站."""
    return text(level.value)


def level_names(setup: Snapshot) -> dict[StationLevel, str]:
    """Return the name of every level in this set-up."""
    return {level: _in_force(level.value, setup).text for level in StationLevel}


def stands_in(capacity: StandIn) -> str:
    """Return in what capacity a person stands in for a station, such as 区县民政干部代管."""
    return "上级站长代管" if capacity == StandIn.PARENT_HEAD else f"{text(capacity.value)}代管"


async def list_all() -> list[WordingInForce]:
    """Return every wording with the text in force."""
    setup = await reference.snapshot()
    return [_in_force(name, setup) for name in WORDINGS]


def _in_force(name: str, setup: Snapshot | None) -> WordingInForce:
    rule, found = WORDINGS[name], setup.wordings.get(name) if setup else None
    return WordingInForce(name, rule, *((found.text, found.source) if found else (rule.default, DEFAULT_SOURCE)))


@db.transaction
async def set_text(name: str, wanted: str | None, *, source: str, by: Staff, now: datetime) -> WordingInForce:
    """Set the text of a wording for the city, or with None the default. Raises `NotFound` for an unknown one."""
    if name not in WORDINGS:
        raise NotFound(kind="wording", codes=[name])
    await reference.begin_change()
    if wanted is None:
        await Wording.filter(name=name).delete()
    else:
        await db.insert_or_update("wording", {"name": name}, text=wanted, source=source)
    await audit.note("wording.put", f"wording:{name}", by=by.person_id, now=now, text=wanted, source=source)
    return _in_force(name, await reference.snapshot())
