"""Messages 留言: a need goes on speaking until it is closed. The resident writes, staff answer (`triage.add_note`)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from server.database import db
from server.domain import photos
from server.domain.needs import access, hearing, pleas, timeline
from server.domain.needs.notifications import NEED_WRITTEN, notify_worker
from server.domain.needs.speakers import Speaker, on_word, speaker_id
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import WRITABLE, require_status
from server.models import Need, NeedEvent

SENT_TWICE = timedelta(minutes=10)


@db.transaction
async def write(need_id: int, *, text: str, photo_ids: Collection[int] = (), by: Speaker, now: datetime) -> Need:
    """Add what the resident writes, or says to staff, to the need's timeline, with photos of the person who enters it.

    Words of crisis on a need that two residents share were filed as a need of the speaker: the photos go there.
    The worker is notified; if nobody is assigned, everybody who acts for the station. Raises `InvalidNeedState` once
    the need is closed, `PhotoNotAvailable`, and as `access.lock_for_resident`.
    """
    need = await access.lock_for_resident(need_id, by)
    require_status(need, *WRITABLE)
    speaker = speaker_id(by)
    if hearing.is_hidden(need, text):
        plea = await pleas.filed_lately_of(hearing.written_on(need.id, text), person_id=speaker, now=now)
        if plea is not None:
            await photos.attach_to_entry(photo_ids, plea, owner_id=speaker)
        return need
    entry = TimelineEntry("resident_wrote", speaker, text=f"留言{on_word(by)}：{text}")
    if not photo_ids and await _is_repeated(need, entry, now):
        return need
    await timeline.add(need, entry, now=now)
    await photos.attach_to_entry(photo_ids, need, owner_id=speaker)
    await notify_worker(need, NEED_WRITTEN, now=now, by=speaker, once=True)
    return need


async def _is_repeated(need: Need, entry: TimelineEntry, now: datetime) -> bool:
    """Return whether the same words are the newest entry, and were written just now: a request was sent twice."""
    last = await NeedEvent.get_or_none(need_id=need.id, number=need.event_count)
    assert last is not None, "the timeline has no gap"
    same = (last.kind, last.actor_id, last.text) == (entry.kind, entry.by, entry.text)
    return same and now - last.at < SENT_TWICE
