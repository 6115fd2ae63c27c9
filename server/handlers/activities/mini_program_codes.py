"""Mini-program codes of activities: requested from WeChat once and kept in the photo store."""

import asyncio
import hashlib
import logging
from functools import partial

from miniprogram_contract.activities import ACTIVITY_PAGE
from server.adapters import Dependencies
from server.errors import PhotosUnavailable
from server.errors.wechat import WeChatBusy, WeChatTooOften, WeChatUnavailable

# At most so many requests wait for WeChat, so that a slow WeChat does not block other work.
REQUESTS = asyncio.Semaphore(2)
# After a refusal no code is requested for so long: an unpublished mini-program will not be published in a second.
PAUSE_SECONDS = 60
PAUSE = "wechat_draws_no_code"

log = logging.getLogger("server.http")


async def code_of(activity_id: int, dependencies: Dependencies) -> bytes | None:
    """Return the code that opens the activity in the mini-program, or None if there is none now."""
    name = _file_name(activity_id)
    try:
        kept = await dependencies.photo_store.get(name)
    except PhotosUnavailable:
        return None
    return kept or await _new_code(activity_id, name, dependencies)


def scene(activity_id: int) -> str:
    """Return the scene for the mini-program's page: at most 32 characters, nothing personal."""
    return f"activity={activity_id}"


def _file_name(activity_id: int) -> str:
    leads_to = f"{ACTIVITY_PAGE}?{scene(activity_id)}"
    return f"c0de/{hashlib.sha256(leads_to.encode()).hexdigest()[:40]}.jpg"


async def _new_code(activity_id: int, name: str, dependencies: Dependencies) -> bytes | None:
    # Checked last: nothing is awaited between this check and entering the semaphore, so no third request enters.
    if await dependencies.cache.get(PAUSE) is not None or REQUESTS.locked():
        return None
    async with REQUESTS:
        code = await _request_code(activity_id, dependencies)
    if code is None:
        await dependencies.cache.set(PAUSE, b"1", PAUSE_SECONDS)
    else:
        await _keep(name, code, dependencies)
    return code


async def _keep(name: str, code: bytes, dependencies: Dependencies) -> None:
    try:
        await dependencies.photo_store.put(name, code)
    except PhotosUnavailable:
        log.warning("the code of an activity's poster was not kept")


async def _request_code(activity_id: int, dependencies: Dependencies) -> bytes | None:
    """Return the code from WeChat, checked before it is kept."""
    try:
        code = await dependencies.wechat.code_of(scene(activity_id), ACTIVITY_PAGE)
        return await dependencies.drawing_executor.draw(partial(_checked, code))
    except (WeChatBusy, WeChatTooOften, WeChatUnavailable, OSError, ValueError) as trouble:
        log.warning("no code for an activity's poster: %s", type(trouble).__name__)
        return None


def _checked(code: bytes) -> bytes:
    from server.adapters.poster_drawing import checked_code

    return checked_code(code)
