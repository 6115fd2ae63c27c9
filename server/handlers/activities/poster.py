"""The poster of an activity, drawn beside the event loop and kept while it is the same."""

import threading
from collections import OrderedDict
from functools import partial

from miniprogram_contract.activities import PosterOptions, PosterSize
from server.adapters import Dependencies
from server.adapters.sheet_texts import A4, PHONE, PosterText, Sheet
from server.domain.activities import queries
from server.handlers.activities import mini_program_codes
from server.handlers.activities.time_words import when_in_words
from server.handlers.http import Caller, RawResponse, Roles, endpoint
from server.models import Activity, ActivityStatus

SHEETS = {PosterSize.A4: A4, PosterSize.PHONE: PHONE}
OVER = {ActivityStatus.CANCELLED: "活动已取消", ActivityStatus.FINISHED: "活动已结束"}
KEPT_BYTES = 16_000_000
# Whoever was sent a poster is shown a change of the activity within a minute.
HEADERS = {"Cache-Control": "public, max-age=60", "Content-Disposition": "inline; filename=poster.png"}

# All that a poster shows: one that would show the same is the same.
Key = tuple[int, PosterText, Sheet, bool]


class Shelf:
    """The posters drawn last, of at most so many bytes together."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
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


SHELF = Shelf()


@endpoint(
    "GET",
    "/activities/<activity_id:int>/poster",
    query=PosterOptions,
    reply=RawResponse,
    content_type="image/png",
    roles=Roles.ANYONE,
)
async def get_poster(activity_id: int, query: PosterOptions, dependencies: Dependencies) -> RawResponse:
    """The poster, whose code opens the mini-program's page `pages/activity/activity` with the scene `activity=<id>`.

    While WeChat gives no code, it says how else to find the activity. Busy when many are drawn at once.
    """
    drawn, coded = await _drawn(await queries.published(activity_id), query.size, dependencies)
    return RawResponse(drawn, "image/png", HEADERS if coded else {})


@endpoint(
    "GET",
    "/station/activities/<activity_id:int>/poster",
    query=PosterOptions,
    reply=RawResponse,
    content_type="image/png",
    roles=Roles.STAFF,
)
async def get_station_poster(
    activity_id: int, query: PosterOptions, caller: Caller, dependencies: Dependencies
) -> RawResponse:
    """The poster of an activity of one's stations, of a draft too."""
    activity = await queries.one_of_stations(activity_id, by=caller.scope)
    drawn, _ = await _drawn(activity, query.size, dependencies)
    return RawResponse(drawn, "image/png")


async def _drawn(activity: Activity, size: PosterSize, dependencies: Dependencies) -> tuple[bytes, bool]:
    """The poster, and whether it has its code."""
    key = (activity.id, _said(activity), SHEETS[size])
    if (kept := SHELF.find((*key, True))) is not None:
        return kept, True
    code = await mini_program_codes.code_of(activity.id, dependencies)
    coded = (*key, code is not None)
    return await dependencies.drawing_executor.draw(partial(_draw, coded, code)), code is not None


def _draw(key: Key, code: bytes | None) -> bytes:
    """Draw it, in the thread, unless somebody who waited there too had it drawn."""
    from server.adapters.poster_drawing import poster

    drawn = SHELF.find(key)
    if drawn is None:
        _, said, sheet, _ = key
        drawn = poster(said, code, sheet)
        SHELF.put(key, drawn)
    return drawn


def _said(activity: Activity) -> PosterText:
    return PosterText(
        title=activity.title,
        text=activity.text,
        when=when_in_words(activity.starts_at, activity.ends_at),
        place=activity.place,
        station=activity.station.name,
        phone=activity.station.phone,
        over=OVER.get(activity.status, ""),
    )
