"""Notices: what a person must learn, written in the transaction of the change and readable in the inbox."""

from collections.abc import Iterable
from datetime import datetime

from tortoise.expressions import Q

from server import db
from server.errors import NotFound
from server.models import Notice


async def tell(
    people: Iterable[int], template: str, title: str, body: str, *, about: dict[str, int], now: datetime
) -> None:
    """Write one notice for each of the people. Title and body name no person, phone or place."""
    db.must_be_in_transaction()
    await Notice.bulk_create(
        Notice(person_id=one, template=template, title=title, body=body, about=about, created_at=now)
        for one in sorted(set(people))
    )


async def inbox(person_id: int, *, before: tuple[datetime, int] | None, limit: int, unread_only: bool) -> list[Notice]:
    """The person's notices, newest first, below a place in the list."""
    found = Notice.filter(person_id=person_id)
    if unread_only:
        found = found.filter(read_at=None)
    if before is not None:
        found = found.filter(Q(created_at__lt=before[0]) | Q(created_at=before[0], id__lt=before[1]))
    return await found.order_by("-created_at", "-id").limit(limit)


async def unread(person_id: int) -> int:
    """How many notices the person has not read."""
    return await Notice.filter(person_id=person_id, read_at=None).count()


@db.transaction
async def mark_read(notice_id: int, *, of: int, now: datetime) -> Notice:
    """Mark one of the person's own notices as read; the first reading counts."""
    notice = await Notice.filter(id=notice_id, person_id=of).select_for_update().first()
    if notice is None:
        raise NotFound
    if notice.read_at is None:
        await Notice.filter(id=notice_id).update(read_at=now)
        notice.read_at = now
    return notice
