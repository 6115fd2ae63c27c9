"""Mini-program codes: drawn for published pages, as round as the real ones and with as little to read for a camera."""

import hashlib
import math
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from scripts.fake_wechat_server.pictures import SQUARE, Squares, jpeg, png
from scripts.fake_wechat_server.replies import Picture
from scripts.fake_wechat_server.wrong import must_be

CODES = "/wxa/getwxacodeunlimit"
PUBLISHED = frozenset({"pages/index/index", "pages/activity/activity"})
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
PAGE = re.compile(r"[^/?][^?]*")
NARROWEST, USUAL, WIDEST = 280, 430, 1280
A_MINUTE, MINUTE_SECONDS = 5000, 60
RAYS = 36


class Codes:
    """The codes drawn for one mini-program. `now` returns seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.forget()

    def forget(self) -> None:
        self._pages = PUBLISHED
        self._drawn_at: deque[float] = deque(maxlen=A_MINUTE)

    def publish(self, pages: Iterable[str]) -> None:
        """From now on these pages are the published ones, and no others."""
        self._pages = frozenset(map(str, pages))

    def draw(self, asked: Mapping[str, Any]) -> Picture:
        self._count()
        scene, page, width = asked.get("scene"), asked.get("page", "pages/index/index"), asked.get("width", USUAL)
        must_be(isinstance(scene, str) and SCENE.fullmatch(scene) is not None, 40169)
        must_be(isinstance(page, str) and PAGE.fullmatch(page) is not None, 41030)
        # Without the check a code may lead to a page that is yet to come.
        must_be(asked.get("check_path", True) is False or page in self._pages, 41030)
        must_be(str(width).isdecimal() and NARROWEST <= int(width) <= WIDEST, 40097)
        clear = asked.get("is_hyaline") is True
        squares = _round(f"{page}?scene={scene}", int(width) / SQUARE)
        return Picture(*(png(squares, int(width)), "image/png") if clear else (jpeg(squares, int(width)), "image/jpeg"))

    def _count(self) -> None:
        oldest = self._drawn_at[0] if len(self._drawn_at) == A_MINUTE else -math.inf
        must_be(self._now() - oldest >= MINUTE_SECONDS, 45009)
        self._drawn_at.append(self._now())


def _round(leads_to: str, side: float) -> Squares:
    """Rays around a disc, as long as what they lead to has it."""
    lengths = hashlib.sha512(leads_to.encode()).digest()[:RAYS]

    def squares(column: int, row: int) -> bool:
        across, down = column + 0.5 - side / 2, row + 0.5 - side / 2
        far = math.hypot(across, down) / side
        turn = math.atan2(down, across) / math.tau % 1 * RAYS
        on_ray = 0.2 < turn % 1 < 0.8  # noqa: PLR2004
        return far < 0.12 or (on_ray and 0.18 < far < 0.3 + 0.18 * lengths[int(turn)] / 255)  # noqa: PLR2004

    return squares
