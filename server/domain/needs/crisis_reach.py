"""The phones that ring about a crisis, and the people they reach."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from server.database import db
from server.domain import stations
from server.domain.duty import cover
from server.domain.duty.cover import CoveringShift
from server.models import CrisisRecipient, Need, Station


@dataclass(frozen=True)
class Reach:
    """Phone numbers, and the ids of the people on duty who carry some of them."""

    phones: Sequence[str] = field(default_factory=tuple)
    people: frozenset[int] = field(default_factory=frozenset)

    def __or__(self, other: "Reach") -> "Reach":
        return Reach(list(dict.fromkeys([*self.phones, *other.phones])), self.people | other.people)


def _of_shifts(shifts: Iterable[CoveringShift]) -> Reach:
    found = list(shifts)
    return Reach(list(dict.fromkeys(one.phone for one in found)), frozenset(one.person_id for one in found))


def _of_station(station: Station) -> Reach:
    phone = station.duty_phone or station.phone
    return Reach([phone] if phone else [])


async def reach(station_id: int, rung_before: int, *, residents: Collection[int] = (), now: datetime) -> Reach:
    """Return whom the next ringing about a need of the station reaches, after so many that nobody acknowledged.

    First the shifts of the station, or without any the county's shifts and the duty phones. Then the next level: the
    duty phones of station and head station. Then the county: its shifts and its head station. After that all of them.
    If no phone of these is known, the city desk's rings. Shifts of the `residents` themselves do not ring.
    """
    station = await stations.get(station_id)
    levels = await _levels(station, residents, now)
    everybody = Reach()
    for level in levels:
        everybody |= level
    if not everybody.phones:
        return _of_station(await stations.city_desk())
    return levels[rung_before] if rung_before < len(levels) else everybody


async def _levels(station: Station, residents: Collection[int], now: datetime) -> list[Reach]:
    """Return the levels that have a phone which no level before them has."""
    head = await stations.head_station_of(station)
    of_station, of_county = cover.scope_of(station_id=station.id), cover.scope_of(county_id=station.county_id)
    of_head = cover.scope_of(station_id=head.id)
    shifts = await cover.list_shifts([of_station, of_county, of_head], since=now, residents=residents)
    present = cover.on_duty(shifts, now)

    def on(*scopes: str) -> Reach:
        return _of_shifts(one for one in present if one.scope in scopes)

    at_station, at_head, at_county = on(of_station), on(of_head), on(of_county)
    duty_phones = _of_station(station) | (at_head if at_head.phones else _of_station(head))
    first = at_station if at_station.phones else at_county | duty_phones
    levels, known = [], set[str]()
    for level in (first, duty_phones, at_county | at_head | _of_station(head)):
        if set(level.phones) - known:
            levels.append(level)
            known |= set(level.phones)
    return levels


async def remember(alert_ids: Iterable[int], people: Iterable[int], *, now: datetime) -> None:
    """Remember that the alerts reached these people. A person whom an alert reached before stays as they are."""
    db.require_transaction()
    reached = sorted(set(people))
    rows = [(alert_id, person_id, now) for alert_id in sorted(set(alert_ids)) for person_id in reached]
    if rows:
        columns = ("alert_id", "person_id", "at")
        each = f"({db.placeholders(columns)})"
        end = db.unless_taken("crisis_recipient", "alert_id")
        statement = f"INSERT INTO crisis_recipient ({', '.join(columns)}) VALUES {', '.join([each] * len(rows))} {end}"  # noqa: S608 - names of ours
        await db.execute(statement, [value for row in rows for value in row])


async def forget(person_id: int) -> None:
    """Forget that alerts reached a person whose role ends: they must not open a crisis of where they worked.

    Of where they still act, they see it without that, and the next ringing reaches them again.
    """
    db.require_transaction()
    await CrisisRecipient.filter(person_id=person_id).delete()


async def list_recipients(need: Need) -> list[int]:
    """Return the ids of all people whom the need's alert reached."""
    found = await CrisisRecipient.filter(alert__need_id=need.id).order_by("person_id")
    return [one.person_id for one in found]


RECEIVED = """
    SELECT 1 FROM crisis_recipient r JOIN crisis_alert a ON a.id = r.alert_id WHERE a.need_id = ? AND r.person_id = ?
"""


async def was_reached(need_id: int, person_id: int) -> bool:
    """Return whether the need's alert reached the person, by a notice or by a ringing phone."""
    return bool((await db.execute(RECEIVED, [need_id, person_id]))[1])
