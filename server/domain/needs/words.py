"""Reading the words of a need as an act with a reason, for people who decide about it."""

from dataclasses import dataclass
from datetime import datetime

from server.domain import audit
from server.domain.needs import timeline
from server.domain.needs.timeline import TimelineEntry, clause
from server.domain.staff import Staff
from server.models import Need, NeedEvent, ReadingKind


@dataclass(frozen=True)
class WordsRead:
    """An act of reading: its kind, its purpose in the resident's words (复核申诉), and the reader's reason."""

    kind: ReadingKind
    purpose: str
    reason: str


async def record_reading(need: Need, act: WordsRead, *, acting_for: int | None, by: Staff, now: datetime) -> None:
    """Record that the caller reads the words of a locked need. The timeline names each reader once."""
    await audit.read(f"need:{need.id}", act.kind, of=need.person_id, by=by.person_id, reason=act.reason, now=now)
    if await NeedEvent.exists(need_id=need.id, kind="words_read", actor_id=by.person_id):
        return
    text = f"为{act.purpose}查看了您的需求，原因：{clause(act.reason)}。"
    await timeline.add(need, TimelineEntry("words_read", by.person_id, text=text, acting_for=acting_for), now=now)
