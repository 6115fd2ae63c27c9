"""Messages 留言: a need goes on speaking until it is closed. The resident writes, staff answer (`triage.add_note`)."""

from collections.abc import Collection
from datetime import datetime

from server.database import db
from server.domain import photos
from server.domain.needs import access, timeline
from server.domain.needs.access import Speaker
from server.domain.needs.notifications import NEED_WRITTEN, notify_worker
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import WRITABLE, require_status
from server.models import Need


@db.transaction
async def write(need_id: int, *, text: str, photo_ids: Collection[int] = (), by: Speaker, now: datetime) -> Need:
    """Add what the resident writes, or says to staff, to the need's timeline, with photos of the person who enters it.

    The worker is notified; if nobody is assigned, everybody who acts for the station. Raises `InvalidNeedState` once
    the need is closed, `PhotoNotAvailable`, and as `access.lock_for_resident`.
    """
    need = await access.lock_for_resident(need_id, by)
    require_status(need, *WRITABLE)
    speaker = access.speaker_id(by)
    entry = TimelineEntry("resident_wrote", speaker, text=f"留言{access.on_word(by)}：{text}")
    await timeline.add(need, entry, now=now)
    await photos.attach_to_entry(photo_ids, need, owner_id=speaker)
    await notify_worker(need, NEED_WRITTEN, now=now, by=speaker, once=True)
    return need
