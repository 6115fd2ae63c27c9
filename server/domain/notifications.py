"""Notices: what a person must know, written in the transaction of the change and read in the inbox."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from string import Formatter
from typing import Any

from server.database import db, rows
from server.domain import reference, staff
from server.domain.staff import StationStaff
from server.errors import NotFound
from server.models import Notice, SubjectKind

UNSTAFFED = "{station}目前没有工作人员，请您代为办理。"
# A text that a person wrote may end with its own full stop.
_SECOND_FULL_STOP = re.compile("(?<=[。！？])。")
_templates: dict[str, "NoticeTemplate"] = {}


@dataclass(frozen=True)
class NoticeTemplate:
    """The text of a notice, declared once, with named fields. `opens` is the kind of its subject, if it has one.

    Title and body name no person, phone or place of a person.
    """

    key: str
    _: KW_ONLY
    title: str
    body: str
    opens: str | None = None

    def __post_init__(self) -> None:
        """Register the template. Raises ValueError if the key is taken or the subject's kind is unknown."""
        if self.key in _templates:
            raise ValueError(f"two templates have the key {self.key}")
        if self.opens is not None:
            SubjectKind(self.opens)
        _templates[self.key] = self

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields in title and body."""
        parts = Formatter().parse(self.title + self.body)
        return frozenset(name for _, name, _, _ in parts if name is not None)

    def render(self, **values: Any) -> tuple[str, str]:
        """Return title and body. Raises ValueError if a field is missing or unknown."""
        if values.keys() != self.fields:
            raise ValueError(f"{self.key} has the fields {sorted(self.fields)}, not {sorted(values)}")
        return self.title.format(**values), _SECOND_FULL_STOP.sub("", self.body.format(**values))


def all_templates() -> Mapping[str, NoticeTemplate]:
    """Every template of the modules imported so far, by key."""
    return _templates


async def notify(
    people: Iterable[int],
    template: NoticeTemplate,
    *,
    subject_id: int | None = None,
    now: datetime,
    preface: str = "",
    **values: Any,
) -> None:
    """Write one notice for each of the people. `subject_id` is the id of what the notice opens."""
    db.require_transaction()
    title, body = template.render(**values)
    if (subject_id is None) != (template.opens is None):
        raise ValueError(f"{template.key} opens {template.opens}, not {subject_id}")
    text = {"template": template.key, "title": title, "body": preface + body}
    subject = {"subject_kind": template.opens, "subject_id": subject_id}
    await rows.insert(
        Notice, *({"person_id": one, **text, **subject, "created_at": now} for one in sorted(set(people)))
    )


async def unread_by(people: Collection[int], template: NoticeTemplate, subject_id: int) -> set[int]:
    """Return those of the people who have not read the last such notice about the subject."""
    unread = Notice.filter(
        person_id__in=sorted(people) or [0], read_at=None, template=template.key, subject_id=subject_id
    )
    return {one.person_id for one in await unread.only("person_id")}


async def notify_station(
    station_id: int,
    template: NoticeTemplate,
    *,
    subject_id: int | None = None,
    but: Collection[int | None] = (),
    people: StationStaff | None = None,
    preface: str = "",
    now: datetime,
    **values: Any,
) -> None:
    """Notify everybody who acts for the station except `but`; if nobody works there, its stand-ins.

    `people` are those of the station, if the caller has read them.
    """
    found, station = people or await staff.of_station(station_id), await reference.station(station_id)
    assert station is not None, "a foreign key"
    preface = preface if found.workers else UNSTAFFED.format(station=station.name) + preface
    acting = [person for person in found.acting if person not in but]
    await notify(acting, template, subject_id=subject_id, now=now, preface=preface, **values)


@dataclass(frozen=True)
class Inbox:
    """A page of a person's notices, newest first, and how many they have not read in all."""

    notices: Sequence[Notice]
    unread: int


# One row even for an empty page, with the number of unread notices.
INBOX_SQL = """
    SELECT page.*, counted.unread
    FROM (SELECT COUNT(*) unread FROM notice WHERE person_id = ? AND read_at IS NULL) counted
    LEFT JOIN (
        SELECT * FROM notice WHERE person_id = ? {which} ORDER BY created_at DESC, id DESC LIMIT ?
    ) page ON 1 = 1 ORDER BY page.created_at DESC, page.id DESC
"""
UNREAD, BEFORE = "AND read_at IS NULL", "AND (created_at < ? OR created_at = ? AND id < ?)"


async def inbox(person_id: int, *, before: tuple[datetime, int] | None, limit: int, unread_only: bool) -> Inbox:
    """Return the person's notices, newest first, after a place in the list."""
    which = f"{UNREAD if unread_only else ''} {BEFORE if before else ''}"
    place = [before[0], before[0], before[1]] if before else []
    _, found = await db.execute(INBOX_SQL.format(which=which), [person_id, person_id, *place, limit])
    return Inbox([rows.of(Notice, row) for row in found if row["id"] is not None], found[0]["unread"])


@db.transaction
async def mark_all_read(*, of: int, now: datetime) -> int:
    """Mark all of the person's notices as read. Return how many were not."""
    return await Notice.filter(person_id=of, read_at=None).update(read_at=now)


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
