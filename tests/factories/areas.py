"""Lists of areas for tests: a small one typed by hand, changed line by line, and a made-up country."""

import io
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import partial

from server.domain import areas
from server.domain.areas import NewEdition
from server.errors import InvalidAreaFile
from server.models import Area, AreaCode, AreaEdition, AreaLevel

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
DAY = date(2026, 1, 1)
LATER = date(2026, 3, 1)

LITTLE = {
    "51": "四川省",
    "5105": "泸州市",
    "510502": "江阳区",
    "510503": "纳溪区",
    "510502004": "邻玉街道",
    "510502005": "蓝田街道",
    "510503107": "白节镇",
    "510502004001": "玉成社区居民委员会",
    "510502004201": "团结村村民委员会",
    "510502004202": "先锋村村民委员会",
    "510502005001": "宪桥社区居民委员会",
    "510503107229": "团结村委会",
}


def csv_of(names: dict[str, str], more: Iterable[str] = (), columns: str = "code,name") -> str:
    """Return the list as CSV; `more` are whole lines for further columns."""
    return "\n".join([columns, *(f"{code},{name}" for code, name in names.items()), *more]) + "\n"


def changed(names: dict[str, str] | None = None, without: Iterable[str] = (), more: Iterable[str] = ()) -> str:
    """Return the little list with other names, without some codes, and with more lines."""
    left = {code: name for code, name in (LITTLE | (names or {})).items() if code not in without}
    return csv_of(
        {code: f"{name},,," for code, name in left.items()}, more, "code,name,parent_code,predecessors,aliases"
    )


async def proposed(
    csv: str, *, system: str = "nbs", day: date = DAY, covers: tuple[AreaLevel, ...] = (), name: str = "名单"
) -> AreaEdition:
    new = NewEdition(name, system, day, covers)
    return await areas.propose(partial(io.StringIO, csv), new, by=None, now=NOW)


async def imported(csv: str, **more) -> AreaEdition:
    """Propose and apply a list."""
    edition = await proposed(csv, **more)
    return await areas.apply(edition.id, by=None, now=NOW)


async def little() -> dict[str, Area]:
    """Import the little list and return its areas by code."""
    await imported(csv_of(LITTLE))
    return {code: await coded(code) for code in LITTLE}


async def coded(code: str, system: str = "nbs") -> Area:
    """Return the area that has the code now."""
    found = await AreaCode.get(code=code, code_system=system, current=1).select_related("area")
    return found.area


async def again(area: Area) -> Area:
    return await Area.get(id=area.id)


async def wrong_lines(csv: str, **more) -> list[tuple[int, str]]:
    """Return the wrong lines and their problems as the refusal names them."""
    try:
        await proposed(csv, **more)
    except InvalidAreaFile as refusal:
        return [(line["line"], line["problem"]) for line in refusal.details["lines"]]
    raise AssertionError("the file was taken")


# As many as the statistics bureau listed for 2023.
COUNTRY_ROWS = 665_276
_SIZES = ((31, 2), (342, 4), (2_978, 6), (41_352, 9))
_CHARACTERS = "山水林田湖草金木石桥河坝湾村新安永兴龙凤白双大小上下东西南北团结和平光明红星𠮷𡊠𡑹㘵䃎"
_ENDINGS = ("村村民委员会", "村民委员会", "社区居民委员会", "社区居委会", "（农场）村民委员会", "第1居委会")


def country(rows: int = COUNTRY_ROWS, seed: int = 1) -> Iterator[str]:
    """Return the lines of a made-up country's CSV: only codes and names, parents before children."""
    chance = random.Random(seed)
    yield "code,name\n"
    above = [""]
    for count, digits in (*_SIZES, (COUNTRY_ROWS - sum(count for count, _ in _SIZES), 12)):
        level: list[str] = []
        for number in range(max(1, count * rows // COUNTRY_ROWS)):
            parent = above[number % len(above)]
            code = f"{parent}{number // len(above) + 11:0{digits - len(parent)}d}"
            level.append(code)
            yield f"{code},{_name(chance, digits)}\n"
        above = level


def _name(chance: random.Random, digits: int) -> str:
    stem = "".join(chance.choices(_CHARACTERS, k=chance.randint(2, 4)))
    return stem + {2: "省", 4: "市", 6: "县", 9: "镇"}.get(digits, chance.choice(_ENDINGS))
