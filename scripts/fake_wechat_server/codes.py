"""Mini-program codes: drawn for published pages, as round as the real ones and with as little to read for a camera."""

import hashlib
import io
import math
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PIL import Image, ImageDraw

from scripts.fake_wechat_server.replies import Picture
from scripts.fake_wechat_server.wrong import must_be

CODES = "/wxa/getwxacodeunlimit"
PUBLISHED = frozenset({"pages/index/index", "pages/activity/activity"})
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
PAGE = re.compile(r"[^/?][^?]*")
NARROWEST, USUAL, WIDEST = 280, 430, 1280
A_MINUTE, MINUTE_SECONDS = 5000, 60
RAYS, RINGS = 36, 6


class Codes:
    """What one mini-program may have drawn; `now` tells seconds."""

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
        return _drawn(f"{page}?scene={scene}", int(width), clear=clear)

    def _count(self) -> None:
        oldest = self._drawn_at[0] if len(self._drawn_at) == A_MINUTE else -math.inf
        must_be(self._now() - oldest >= MINUTE_SECONDS, 45009)
        self._drawn_at.append(self._now())


def _drawn(leads_to: str, width: int, *, clear: bool) -> Picture:
    """Rays of dots that differ from place to place: a JPEG, or a PNG without a background."""
    sheet = Image.new("RGBA", (width, width), (255, 255, 255, 0 if clear else 255))
    pen, middle, dot = ImageDraw.Draw(sheet), width / 2, width / 75
    bits = int.from_bytes(hashlib.sha512(leads_to.encode()).digest())
    for ray in range(RAYS):
        turn = math.tau * ray / RAYS
        for ring in range(RINGS + bits % 8):
            far = width * 0.2 + ring * dot * 2.2
            x, y = middle + far * math.sin(turn), middle - far * math.cos(turn)
            pen.ellipse((x - dot, y - dot, x + dot, y + dot), fill="black")
        bits >>= 3
    pen.ellipse((middle * 0.7, middle * 0.7, middle * 1.3, middle * 1.3), fill="#07a35a")
    file = io.BytesIO()
    if clear:
        sheet.save(file, "PNG")
    else:
        sheet.convert("RGB").save(file, "JPEG", quality=90)
    return Picture(file.getvalue(), "image/png" if clear else "image/jpeg")
