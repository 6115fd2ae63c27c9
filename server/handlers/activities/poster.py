"""The poster of an activity: drawn in a thread, and kept until its content changes."""

import threading
from collections import OrderedDict
from datetime import datetime
from functools import partial

from miniprogram_contract.activities import PosterOptions, PosterSize, StationPosterOptions
from server.adapters import Dependencies
from server.adapters.sheet_texts import A4, PHONE, PosterText, Sheet
from server.domain.activities import public_queries
from server.domain.working_time import SHANGHAI
from server.handlers.activities import mini_program_codes
from server.handlers.activities.serializers import poster_subject
from server.handlers.http import RawResponse, Roles, endpoint
from server.handlers.http.signed_links import require_valid
from server.handlers.phone_text import phone_text
from server.models import Activity, ActivityStatus

SHEETS = {PosterSize.A4: A4, PosterSize.PHONE: PHONE}
OVER = {ActivityStatus.CANCELLED: "活动已取消", ActivityStatus.FINISHED: "活动已结束"}
WEEKDAYS = "一二三四五六日"
# The words for parts of the day, with the hour at which each ends.
PARTS = ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
CACHE_BYTES = 16_000_000
# A poster that was sent around shows a change of the activity within a minute.
HEADERS = {"Cache-Control": "public, max-age=60", "Content-Disposition": "inline; filename=poster.png"}

# Everything that a poster shows: the same key means the same poster.
Key = tuple[int, PosterText, Sheet, bool]


class PosterCache:
    """A cache of the latest posters, limited in bytes."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._left = most_bytes
        self._posters: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Key) -> bytes | None:
        with self._lock:
            if key in self._posters:
                self._posters.move_to_end(key)
            return self._posters.get(key)

    def put(self, key: Key, drawn: bytes) -> None:
        with self._lock:
            if key in self._posters:
                return
            self._posters[key] = drawn
            self._left -= len(drawn)
            while self._left < 0:
                self._left += len(self._posters.popitem(last=False)[1])


CACHE = PosterCache()


@endpoint(
    "GET",
    "/activities/<activity_id:int>/poster",
    query=PosterOptions,
    reply=RawResponse,
    content_type="image/png",
    roles=Roles.ANYONE,
)
async def get_poster(activity_id: int, query: PosterOptions, dependencies: Dependencies) -> RawResponse:
    """Return the poster; its code opens the page `pages/activity/activity` with the scene `activity=<id>`.

    While WeChat gives no code, the poster says how else to find the activity. Busy if many are drawn at once.
    """
    drawn, coded = await _get_or_draw(await public_queries.get_published(activity_id), query.size, dependencies)
    return RawResponse(drawn, "image/png", HEADERS if coded else {})


@endpoint(
    "GET",
    "/station/activities/<activity_id:int>/poster",
    query=StationPosterOptions,
    reply=RawResponse,
    content_type="image/png",
    roles=Roles.ANYONE,
)
async def get_station_poster(activity_id: int, query: StationPosterOptions, dependencies: Dependencies) -> RawResponse:
    """Show the poster of any activity, also of a draft, by the signed link that its station's staff get."""
    require_valid(query, poster_subject(activity_id), dependencies)
    drawn, _ = await _get_or_draw(await public_queries.get_any(activity_id), query.size, dependencies)
    return RawResponse(drawn, "image/png")


async def _get_or_draw(activity: Activity, size: PosterSize, dependencies: Dependencies) -> tuple[bytes, bool]:
    """Return the poster, and whether it shows a code."""
    key = (activity.id, _poster_text(activity), SHEETS[size])
    if (kept := CACHE.find((*key, True))) is not None:
        return kept, True
    code = await mini_program_codes.code_of(activity.id, dependencies)
    coded = (*key, code is not None)
    return await dependencies.drawing_executor.draw(partial(_draw, coded, code)), code is not None


def _draw(key: Key, code: bytes | None) -> bytes:
    """Draw the poster in the thread, unless another request has drawn it meanwhile."""
    from server.adapters.poster_drawing import poster

    drawn = CACHE.find(key)
    if drawn is None:
        _, text, sheet, _ = key
        drawn = poster(text, code, sheet)
        CACHE.put(key, drawn)
    return drawn


def _poster_text(activity: Activity) -> PosterText:
    return PosterText(
        title=activity.title,
        text=activity.text,
        when=when_in_words(activity.starts_at, activity.ends_at),
        place=activity.place,
        station=activity.station.name,
        phone=phone_text(activity.station.phone),
        over=OVER.get(activity.status, ""),
    )


def when_in_words(starts_at: datetime, ends_at: datetime) -> str:
    """Return the time as people say it, on two lines: 2026年3月13日（星期五）, 上午9:00至11:00."""
    begins, ends = starts_at.astimezone(SHANGHAI), ends_at.astimezone(SHANGHAI)
    first = f"{begins.year}年{_day(begins)}"
    if begins.date() == ends.date():
        # The part of the day is said once: 上午9:00至11:00, but 上午10:00至中午12:00.
        until = _clock(ends) if _part(begins) == _part(ends) else _hour(ends)
        return f"{first}\n{_hour(begins)}至{until}"
    year = f"{ends.year}年" if begins.year != ends.year else ""
    return f"{first}{_hour(begins)}\n至{year}{_day(ends)}{_hour(ends)}"


def _day(local: datetime) -> str:
    return f"{local.month}月{local.day}日（星期{WEEKDAYS[local.weekday()]}）"


def _hour(local: datetime) -> str:
    return f"{_part(local)}{_clock(local)}"


def _part(local: datetime) -> str:
    return next(word for before, word in PARTS if local.hour < before)


def _clock(local: datetime) -> str:
    return f"{(local.hour - 1) % 12 + 1 if local.hour else 0}:{local.minute:02d}"
