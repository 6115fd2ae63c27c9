"""Pleas: needs of people who may be in danger. A plea is filed whatever is missing or wrong in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.database import db, rows
from server.database.condition import among, select, where
from server.domain import areas, policies, reference, stations
from server.domain.crisis_words import find_crisis_words
from server.domain.needs import access, crisis_alerts, timeline
from server.domain.needs.timeline import TimelineEntry
from server.domain.needs.transitions import OPEN
from server.domain.routing import NOT_SURE
from server.domain.staff import Staff
from server.models import Area, AreaLevel, Category, Need, NeedEvent, Person, Urgency

# A person in danger writes less. More would fill the disk, and then everybody is refused.
MOST_JOINED, LONGEST_JOINED = 50, 2_000
# Those that tell of another person or place.
MOST_NEW = 200
# A phone number of fewer digits cannot be whole.
LEAST_DIGITS = 7
# The text of a need that was filed by the emergency button alone.
NO_TEXT = "（按了紧急求助，没有写内容）"


# Needs `n` into which no need of another person was merged.
OF_ONE_PERSON = where("NOT EXISTS (SELECT 1 FROM need m WHERE m.merged_into_id = n.id AND m.person_id <> n.person_id)")


def words_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the words of crisis in the texts, each once. Words are not searched across texts."""
    return tuple(dict.fromkeys(word for text in texts for word in find_crisis_words(text)))


async def lock_pleas(person_id: int) -> Person:
    """Lock the person's pleas: they are filed one after the other, so that they can be counted. Return the person."""
    taken = db.unless_taken("plea_lock", "person_id")
    [found] = await db.execute_together(
        [
            db.statement(f"INSERT INTO plea_lock (person_id) VALUES (?) {taken}", person_id),  # noqa: S608 - words of ours
            db.statement("SELECT * FROM person WHERE id = ?", person_id),
        ]
    )
    return rows.of(Person, found)


async def contact_of(person: Person, *, by_resident: bool) -> tuple[str, str]:
    """Return name and phone of the person: those of their profile, else of their last need, if they write themselves.

    Staff would learn them of a need that they may not read.
    """
    name, phone = person.name or "", person.phone or ""
    if (name and phone) or not by_resident:
        return name, phone
    theirs = where("n.person_id = ? AND n.contact_phone <> ''", person.id)
    last = await select("n.contact_name, n.contact_phone", "need n", theirs, "ORDER BY n.submitted_at DESC LIMIT 1")
    for row in last:
        name, phone = name or row["contact_name"], phone or row["contact_phone"]
    return name, phone


async def area_of(given: int | None, home: int | None) -> Area:
    """Return the community given, else the home, else the area given of any level, else the city."""
    there = await _present(given)
    if there is not None and there.level == AreaLevel.COMMUNITY:
        return there
    found = await _present(home) or there or await reference.area((await stations.city_desk()).area_id)
    assert found is not None, "a foreign key"
    return found


async def _present(area_id: int | None) -> Area | None:
    return None if await reference.area(area_id) is None or area_id is None else await areas.current_area(area_id)


async def category_of(code: str) -> Category:
    """Return the category, active or not: it may be confidential. An unknown one becomes “not sure”."""
    snapshot = await reference.snapshot()
    found = snapshot.category(code) or snapshot.category(NOT_SURE)
    assert found is not None, "the set-up creates it, and nobody can remove it"
    return found


async def lock_one_to_join(
    person_id: int, category: Category, *, by: Staff | None, station_id: int, now: datetime
) -> Need | None:
    """Return the newest open emergency of a person who filed so many lately that the next joins it.

    None: the next one is a need of its own (policies `crisis_join_after`, `crisis_join_minutes`). It joins a need of
    the station where the person is now, else of another one: so one account rings at few stations. A confidential plea
    joins a confidential need: others are read by more people. Only what the same phone filed, or the same worker
    entered, counts and is joined: what joins changes the need's phone and place. The worker may read it. The caller
    has locked the person's pleas.
    """
    lately = await _filed_lately(now, by=person_id if by is None else by.person_id, of=person_id)
    if len(lately) < await policies.number("crisis_join_after"):
        return None
    # Nobody else reads what joins it: they may be the danger.
    fitting = among("n.id", [row["id"] for row in lately]) & among("n.status", sorted(OPEN)) & OF_ONE_PERSON
    if category.confidential:
        fitting &= among("n.category_id", (await reference.snapshot()).category_ids(confidential=True))
    if by is not None:
        fitting &= among("n.station_id", sorted(by.station_ids)) & await access.with_readable_text(by)
    # Only the chosen one is locked: a lock while it is sought would hold the newest needs of everybody.
    newest = "ORDER BY n.station_id = ? DESC, n.submitted_at DESC, n.id DESC LIMIT 1"
    found = await select("n.id", "need n", fitting, newest, last=(station_id,))
    need = await access.lock_need(found[0]["id"]) if found else None
    return need if need is not None and need.status in OPEN else None


def is_number(phone: str) -> bool:
    """Return whether the phone number may be whole: a person in danger types what they can."""
    return sum(map(str.isdigit, phone)) >= LEAST_DIGITS


async def _filed_lately(now: datetime, *, by: int, of: int | None = None) -> Sequence[dict[str, Any]]:
    """Return the emergencies that a person lately filed or entered, of this person, the newest first."""
    since = now - timedelta(minutes=await policies.number("crisis_join_minutes"))
    theirs = where("n.submitted_by_id = ? AND n.submitted_at >= ? AND n.urgency = ?", by, since, Urgency.EMERGENCY)
    if of is not None:
        theirs &= where("n.person_id = ?", of)
    columns = "n.id, n.contact_name, n.text, n.status, n.submitted_at"
    return await select(columns, "need n", theirs, "ORDER BY n.submitted_at DESC, n.id DESC")


async def kept_until(need: Need, now: datetime) -> datetime | None:
    """Return until when a plea is not withdrawn: the last open one of so many that the next one joins it.

    Else pleas that are filed and withdrawn in turns would become a need each. None: it may be withdrawn.
    """
    if need.urgency != Urgency.EMERGENCY:
        return None
    lately = await _filed_lately(now, by=need.submitted_by_id, of=need.person_id)
    most = await policies.number("crisis_join_after")
    open_ones = [row["id"] for row in lately if row["status"] in OPEN]
    if len(lately) < most or open_ones != [need.id]:
        return None
    minutes = await policies.number("crisis_join_minutes")
    return db.from_database(lately[most - 1]["submitted_at"]) + timedelta(minutes=minutes)


async def filed_lately_of(text: str, *, person_id: int, now: datetime) -> Need | None:
    """Lock the open emergency of a person that was lately filed of the same text: a phone repeats itself."""
    return await _lock_same(await _filed_lately(now, by=person_id), text)


async def entered_lately_of(text: str, *, of: int | None, by: int, now: datetime) -> Need | None:
    """Lock the open emergency that a worker just entered with the same text for the person, or, with None, no name."""
    lately = await _filed_lately(now, by=by, of=of)
    return await _lock_same([row for row in lately if of is not None or not row["contact_name"]], text)


async def _lock_same(lately: Sequence[dict[str, Any]], text: str) -> Need | None:
    same = [row["id"] for row in lately if row["text"] == text]
    fitting = among("n.id", same) & among("n.status", sorted(OPEN)) & OF_ONE_PERSON
    found = await select("n.id", "need n", fitting, "LIMIT 1")
    return await access.lock_need(found[0]["id"]) if found else None


def with_typed_phone(text: str, phone: str) -> str:
    """Return the text, with a phone number that cannot be whole: a worker may still make it out."""
    return f"{text}（所留电话：{phone}）" if phone and not is_number(phone) else text


@dataclass(frozen=True)
class Whereabouts:
    """The person of a plea and where they are now, as far as it says."""

    name: str = ""
    phone: str = ""
    place: str = ""
    area: Area | None = None
    relation: str = ""


NOWHERE = Whereabouts()


async def join(need: Need, text: str, where_now: Whereabouts = NOWHERE, *, by: int, now: datetime) -> None:
    """Add a plea to an open emergency: its words to the timeline, and the alert rings again.

    The phone and place of the last plea are where the person is now. Those of another name, and another area than the
    need's, are written with it. Within the minutes of the policy, while the alert rings, no more than `MOST_JOINED` are
    written, and `MOST_NEW` of those that tell of another person or place.
    """
    changes, in_words = _changed_contact(need, where_now), _in_words(need, where_now)
    most = MOST_NEW if changes or in_words else MOST_JOINED
    since = now - timedelta(minutes=await policies.number("crisis_join_minutes"))
    lately = NeedEvent.filter(need_id=need.id, kind="crisis_written", at__gte=since)
    if await lately.count() >= most and await crisis_alerts.waits(need.id):
        if changes:
            await Need.filter(id=need.id).update(**changes)
        return
    typed = with_typed_phone((text or NO_TEXT)[:LONGEST_JOINED], where_now.phone)
    former = "、".join(filter(None, (getattr(need, name) for name in changes)))
    note = f"此前留的：{former}" if former else ""
    entry = TimelineEntry("crisis_written", by, text=f"再次求助：{typed}{in_words}", note=note)
    await timeline.add(need, entry, now=now, **changes)
    await crisis_alerts.raise_alert(need, find_crisis_words(text), now=now)


def _is_of_another(need: Need, where_now: Whereabouts) -> bool:
    return where_now.name not in {"", need.contact_name} or where_now.relation not in {"", need.relation}


def _changed_contact(need: Need, where_now: Whereabouts) -> dict[str, Any]:
    if _is_of_another(need, where_now):
        return {}
    given = {"contact_phone": where_now.phone if is_number(where_now.phone) else "", "place": where_now.place}
    return {name: value for name, value in given.items() if value and value != getattr(need, name)}


def _in_words(need: Need, where_now: Whereabouts) -> str:
    """Return whom a plea is about, if it is another person than the need's, and in which other area they are."""
    other = "、".join(filter(None, (where_now.relation, where_now.name, where_now.phone, where_now.place)))
    whom = f"（求助的是：{other}）" if _is_of_another(need, where_now) else ""
    area = where_now.area
    return whom + (f"（现在的地点：{area.name}）" if area is not None and area.id != need.area_id else "")
