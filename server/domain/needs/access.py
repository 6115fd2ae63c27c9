"""Access to needs: who may see, change and read one; row locks; four eyes."""

from typing import NoReturn

from server.database import db, rows
from server.database.condition import ALWAYS, Condition, among, select, where
from server.domain import households, people, reference, stations
from server.domain.needs import crisis_access, responsibility, takings
from server.domain.needs.listed import ListedNeed
from server.domain.needs.speakers import Speaker
from server.domain.needs.timeline import OFFICER
from server.domain.staff import Staff, acts_at, is_staffed, of_person, sees_at
from server.errors import (
    AssigneeRequired,
    HeadRequired,
    NotAllowed,
    NotFound,
    OpeningRequired,
    OwnNeed,
    ResidentHasPhone,
)
from server.models import Channel, Need, Person, Station, Urgency


def own(person_id: int, need: str = "n") -> Condition:
    """Return the condition for needs that are for the person, or that they submitted on a phone."""
    submitted = where(f"{need}.submitted_by_id = ? AND {need}.channel = ?", person_id, Channel.PHONE_APP)
    return where(f"{need}.person_id = ?", person_id) | submitted


# Of a need `m` that was merged into a need `n`: who left the household does not follow it, even after coming back.
LIVE_TOGETHER = """
    (m.person_id = n.person_id OR EXISTS (
        SELECT 1 FROM household_member a JOIN household_member b ON b.household_id = a.household_id
        WHERE a.person_id = m.person_id AND b.person_id = n.person_id AND a.current = 1 AND b.current = 1
        AND a.joined_at <= m.ended_at AND b.joined_at <= m.ended_at))
"""


def of_resident(person_id: int) -> Condition:
    """Return the condition for needs `n` of which the person is on the resident's side; see `residents_of`."""
    theirs = own(person_id, "m")
    joined = f"SELECT 1 FROM need m WHERE m.merged_into_id = n.id AND ({theirs.sql}) AND {LIVE_TOGETHER}"  # noqa: S608 - names of ours
    return own(person_id) | where(f"EXISTS ({joined})", *theirs.values)


def visible_to(staff: Staff) -> Condition:
    """Return the condition for needs `n` of the caller's stations and counties, referred to or overseen by them.

    While a crisis lasts, also for staff of other stations whom its alert reached, such as those on duty.
    """
    if staff.is_city:
        return ALWAYS
    theirs = of_stations(staff) | referred_to(staff) | overseen_by(staff)
    return theirs | crisis_access.reached(staff.person_id)


def of_stations(staff: Staff) -> Condition:
    """Return the condition for needs `n` of stations that the caller works for, or that lie in their counties."""
    return sees_at("n.station_id", staff)


def referred_to(staff: Staff) -> Condition:
    """Return the condition for needs `n` that wait for the answer of the caller's stations."""
    return among("n.referred_to_id", sorted(staff.station_ids))


def overseen_by(staff: Staff) -> Condition:
    """Return the condition for needs `n` that the caller's stations oversee."""
    return among("n.overseer_id", sorted(staff.station_ids))


async def overseer_of(need: Need, station_id: int) -> Station:
    """Return the station that oversees the need of a station: its parent, for an emergency the head station."""
    station = await stations.get(station_id)
    is_emergency = need.urgency == Urgency.EMERGENCY
    above = await (stations.head_station_of(station) if is_emergency else stations.parent_of(station))
    return await responsibility.where_others_act(above, await kept_from(need))


async def lock_for_station(need_id: int, staff: Staff) -> Need:
    """Lock a need of a station the caller works for.

    Raises `OwnNeed` if it is the caller's own; for other stations' needs see `refuse_access`.
    """
    await keep_unstaffed(need_id, staff)
    need = await _lock(need_id, acts_at("n.station_id", staff))
    if need is None:
        await refuse_access(need_id, staff)
    assert need is not None
    await require_not_own(need, staff.person_id)
    need.stands_in = staff.stands_in_for.get(need.station_id)
    return need


async def keep_unstaffed(need_id: int, staff: Staff) -> None:
    """If the caller may stand in for the need's station, let nobody be appointed there until the transaction ends.

    An appointment locks the station too: either the caller finds the worker and is refused, or the worker finds what
    the caller did, and gets the needs that the caller was assigned.
    """
    if staff.stands_in_for and db.dialect() != "sqlite":  # SQLite has one writer at a time
        theirs = among("id", sorted(staff.stands_in_for))
        of_need = where("id = (SELECT station_id FROM need WHERE id = ?)", need_id)
        await select("id", "station", of_need & theirs, "LOCK IN SHARE MODE")


async def lock_for_crisis(need_id: int, staff: Staff) -> Need:
    """Do the same as `lock_for_station`, also for staff of the overseeing station, and those whom the alert reached."""
    overseeing = acts_at("n.overseer_id", staff)
    return await _lock_for_more(need_id, staff, overseeing | crisis_access.reached(staff.person_id))


async def lock_for_reader(need_id: int, staff: Staff) -> Need:
    """Do the same as `lock_for_station`, also for those who opened the crisis, while it lasts."""
    return await _lock_for_more(need_id, staff, crisis_access.opened_by(staff.person_id))


async def _lock_for_more(need_id: int, staff: Staff, more: Condition) -> Need:
    await keep_unstaffed(need_id, staff)
    need = await _lock(need_id, acts_at("n.station_id", staff) | more & visible_to(staff))
    if need is None:
        await refuse_access(need_id, staff)
    assert need is not None
    await require_not_own(need, staff.person_id)
    need.stands_in = staff.stands_in_for.get(acting_for(need, staff) or need.station_id)
    return need


def acting_for(need: Need, staff: Staff) -> int | None:
    """Return the station for which staff act on a crisis, for the timeline: None for the responsible one."""
    if need.station_id in staff.station_ids:
        return None
    if need.overseer_id in staff.station_ids:
        return need.overseer_id
    return OFFICER if staff.is_officer else min(staff.station_ids)


async def stand_in(need: Need, station_id: int, staff: Staff) -> None:
    """Note on a locked need in what capacity the caller acts for a station, which is not the responsible one.

    Raises `NotAllowed` if they stood in for it and somebody works there now.
    """
    need.stands_in = staff.stands_in_for.get(station_id)
    if need.stands_in is not None and await is_staffed(station_id):
        raise NotAllowed


async def lock_for_assignee(need_id: int, staff: Staff) -> Need:
    """Do the same as `lock_for_station` for the assigned worker and the head.

    Raises `AssigneeRequired` for other workers of the station, and the same as `require_reader`.
    """
    need = await lock_for_station(need_id, staff)
    if staff.person_id != need.assignee_id and need.station_id not in staff.head_of:
        raise AssigneeRequired
    await require_reader(need, staff)
    return need


async def lock_for_resident(need_id: int, by: Speaker) -> Need:
    """Lock a need for a person on the resident's side (see `residents_of`), or for staff on the resident's word.

    Raises `NotFound` for other residents. For staff it raises the same as `lock_for_station`, `HeadRequired` if they
    may not read it, and `ResidentHasPhone` if the resident can do it themselves.
    """
    if isinstance(by, Staff):
        return await _lock_on_word(need_id, by)
    need = await lock_need(need_id)
    if not await is_resident_of(need, by):
        raise NotFound
    return need


async def lock_for_owner(need_id: int, by: Speaker) -> Need:
    """Do the same as `lock_for_resident`, without the residents of needs that were merged into it.

    Raises `NotAllowed` for those: they neither end another person's need nor pass on their contact.
    """
    need = await lock_for_resident(need_id, by)
    if await voice(need, by) not in own_residents(need):
        raise NotAllowed
    return need


async def _lock_on_word(need_id: int, by: Staff) -> Need:
    need = await lock_for_station(need_id, by)
    await require_reader(need, by)
    without_phone = Person.filter(people.ON_WORD, id__in=sorted(await residents_of(need)))
    if not await without_phone.exists():
        raise ResidentHasPhone
    # Whom they live with has no phone to learn of it.
    if by.person_id in await households.staff_who_chose(need.person_id):
        raise OwnNeed
    return need


async def voice(need: Need, by: Speaker) -> int:
    """Return whose words these are: the caller's, or those of the resident for whom staff speak.

    That is the person of the need, unless only a resident of a need that was merged into it has no phone.
    """
    if not isinstance(by, Staff):
        return by
    found = await residents_without_phone(need)
    return found[0] if len(found) == 1 else need.person_id


async def residents_without_phone(need: Need) -> list[int]:
    """Return the ids of those on the resident's side who have no phone account, or are shut out."""
    found = Person.filter(people.ON_WORD, id__in=sorted(await residents_of(need))).order_by("id").only("id")
    return [one.id for one in await found]


async def refuse_access(need_id: int, staff: Staff) -> NoReturn:
    """Raise `NotAllowed` if the caller may see the need but not change it, else `NotFound`.

    Officers, staff of the overseeing station and of the station it is referred to may see it.
    """
    found = await select("n.id", "need n", where("n.id = ?", need_id) & visible_to(staff))
    raise NotAllowed if found else NotFound


async def lock_need(need_id: int) -> Need:
    """Lock a need without checking the caller: for steps that check access by another row."""
    need = await _lock(need_id, ALWAYS)
    if need is None:
        raise NotFound
    return need


async def _lock(need_id: int, scope: Condition) -> Need | None:
    found = await select("n.*", "need n", where("n.id = ?", need_id) & scope, db.for_update())
    return rows.of(Need, found[0]) if found else None


async def is_resident_of(need: Need, person_id: int) -> bool:
    """Return whether the person is on the resident's side of the need."""
    return person_id in await residents_of(need)


async def residents_of(need: Need) -> set[int]:
    """Return the need's own residents, and those of needs that were merged into it while they live together."""
    found = own_residents(need)
    if need.joined_needs:
        columns, source = "m.person_id, m.submitted_by_id, m.channel", "need m JOIN need n ON n.id = m.merged_into_id"
        merged = await select(columns, source, where(f"n.id = ? AND {LIVE_TOGETHER}", need.id))
        found = found.union(*(residents(**row) for row in merged))
    return found


async def kept_from(need: Need, *, as_emergency: bool = False) -> set[int]:
    """Return the people who neither act on the need nor read it as staff (four eyes).

    They are its residents. Of a confidential need they are also those who lived with them when it was submitted, or
    lately had: it may be about them. Of an emergency (or `as_emergency`), also those who came later.
    """
    if need.kept is not None:
        return need.kept
    found = await residents_of(need)
    is_emergency = as_emergency or need.urgency == Urgency.EMERGENCY
    if not is_emergency and not await is_confidential(need):
        return found
    until = None if is_emergency else need.submitted_at
    lived = await households.who_lived_with(found, at=need.submitted_at, until=until)
    return found | await responsibility.kept_housemates(lived, need.station_id, needs_head=not is_emergency)


def own_residents(need: Need) -> set[int]:
    """Return the person the need is for and, if it was submitted on a phone, the person who submitted it."""
    return residents(need.person_id, need.submitted_by_id, need.channel)


def residents(person_id: int, submitted_by_id: int, channel: str) -> set[int]:
    """Return those of a need with these columns; see `own_residents`."""
    return {person_id} | ({submitted_by_id} if channel == Channel.PHONE_APP else set())


async def require_not_own(need: Need, person_id: int) -> None:
    """Raise `OwnNeed` if the person is kept from the need: four eyes."""
    if person_id in await kept_from(need):
        raise OwnNeed


async def require_photo_reader(need_id: int, reader: int | None) -> None:
    """Raise `NotFound` unless this person may see the photos of the need now: a resident, or staff who may read it."""
    need = await Need.get_or_none(id=need_id)
    if need is None or reader is None:
        raise NotFound
    if await is_resident_of(need, reader):
        return
    scope = await of_person(reader)
    visible = await select("n.id", "need n", where("n.id = ?", need_id) & visible_to(scope))
    if not visible or not await may_read(need, scope):
        raise NotFound


async def may_read(need: Need, by: Staff) -> bool:
    """Return whether the caller may read this need: see `reads` and `opened_by`."""
    await reference.attach([need], "category")
    return await reads(need, by) or bool(await select("n.id", "need n", where("n.id = ?", need.id) & opened_by(by)))


async def reads(need: Need, by: Staff) -> bool:
    """Return whether the caller may read the need with its category by their role; see `is_readable`.

    Nobody reads as staff what they are kept from. An officer who is also the head of its station does not read it, if
    they took it from those who could.
    """
    if not is_readable(need, by) or by.person_id in await kept_from(need):
        return False
    return not (need.category.confidential and by.is_officer) or not await takings.is_taker(need, by.person_id)


# The entry of a timeline by which a stand-in has opened a confidential need, and those that end it: somebody was
# appointed at the station, or another station took the need.
STAND_IN_OPENED, OPENING_ENDED = "stand_in_opened", "opening_ended"
ENDS_OPENING = (
    OPENING_ENDED,
    "referral_accepted",
    "rerouted",
    "head_decides",
    "appeal_granted",
    "reopened",
)


def opened_by(by: Staff) -> Condition:
    """Return the condition for needs `n` that the caller has opened by an act with a reason.

    Of a crisis it holds while that lasts (`crisis_access.opened_by`). A stand-in reads what they opened until somebody
    is appointed at the station.
    """
    opened = crisis_access.opened_by(by.person_id)
    if not by.stands_in_for:
        return opened
    return opened | among("n.station_id", sorted(by.stands_in_for)) & opened_standing_in(by.person_id)


def opened_standing_in(person_id: int | None = None) -> Condition:
    """Return the condition for needs `n` that this stand-in, or any, has opened, by an opening that has not ended.

    It counts by the numbers of the timeline: moments of requests that waited for a lock tell no order.
    """
    by_them = where("e.actor_id = ?", person_id) if person_id is not None else ALWAYS
    return where(
        f"""EXISTS (
            SELECT 1 FROM need_event e WHERE e.need_id = n.id AND e.kind = ? AND {by_them.sql} AND NOT EXISTS (
                SELECT 1 FROM need_event l
                WHERE l.need_id = n.id AND l.number > e.number AND l.kind IN ({db.placeholders(ENDS_OPENING)})))""",  # noqa: S608 - names of ours
        STAND_IN_OPENED,
        *by_them.values,
        *ENDS_OPENING,
    )


def is_readable(need: Need | ListedNeed, by: Staff) -> bool:
    """Return whether the caller may read the text, photos, name and timeline's words of a need with its category.

    A confidential need is read only by its assigned worker and the head, both of the station that is responsible; a
    stand-in opens it first. A station that it is referred to reads it after accepting it.
    """
    is_assigned = by.person_id == need.assignee_id and need.station_id in by.works_at
    return not need.category.confidential or is_assigned or need.station_id in by.reads_for


async def with_readable_text(by: Staff) -> Condition:
    """Return the condition for needs `n` of the caller's stations whose text they may read; see `is_readable`."""
    assigned = where("n.assignee_id = ?", by.person_id) & among("n.station_id", sorted(by.works_at))
    return await not_confidential() | assigned | among("n.station_id", sorted(by.reads_for))


async def not_confidential() -> Condition:
    """Return the condition for needs `n` of categories that are not confidential."""
    return among("n.category_id", (await reference.snapshot()).category_ids(confidential=False))


async def require_reader(need: Need, by: Staff) -> None:
    """Raise `HeadRequired` if the caller may not read the need: only the assigned worker and the head may.

    Raises `OpeningRequired` for a stand-in, who may open it.
    """
    if not await may_read(need, by):
        raise OpeningRequired if need.station_id in by.stands_in_for else HeadRequired


async def is_confidential(need: Need) -> bool:
    """Return whether the need's category is confidential."""
    return (await reference.snapshot()).categories[need.category_id].confidential


async def require_head_if_confidential(need: Need, station_id: int, by: Staff) -> None:
    """Raise `HeadRequired` for a confidential need if the caller does not head the station."""
    if station_id not in by.head_of and await is_confidential(need):
        raise HeadRequired
