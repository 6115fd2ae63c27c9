"""Areas for tests: small lists typed by hand, and a made-up country as large as the real one."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
DAY = date(2026, 1, 1)
# As many as the statistics bureau listed in 2023; with Luzhou's own 1,623 left in their place.
COUNTRY_ROWS = 665_276
_SIZES = ((31, 2), (342, 4), (2_978, 6), (41_352, 9))
_CHARACTERS = "山水林田湖草金木石桥河坝湾村新安永兴龙凤白双大小上下东西南北团结和平光明红星𠮷𡊠𡑹㘵䃎"
_ENDINGS = ("村村民委员会", "村民委员会", "社区居民委员会", "社区居委会", "（农场）村民委员会", "第1居委会")


def country(rows: int = COUNTRY_ROWS, seed: int = 1) -> Iterator[str]:
    """The lines of a made-up country's csv: only codes and names, parents before children."""
    chance = random.Random(seed)
    yield "code,name\n"
    above = [""]
    for count, digits in (*_SIZES, (COUNTRY_ROWS - sum(count for count, _ in _SIZES), 12)):
        wanted = max(1, count * rows // COUNTRY_ROWS)
        level: list[str] = []
        for number in range(wanted):
            parent = above[number % len(above)]
            code = f"{parent}{number // len(above) + 11:0{digits - len(parent)}d}"
            if digits < 12:
                level.append(code)
            yield f"{code},{_name(chance, digits)}\n"
        above = level


def _name(chance: random.Random, digits: int) -> str:
    stem = "".join(chance.choices(_CHARACTERS, k=chance.randint(2, 4)))
    return stem + {2: "省", 4: "市", 6: "县", 9: "镇"}.get(digits, chance.choice(_ENDINGS))
