"""Officers who took a confidential need from its readers: they do not read it themselves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import Q

from server.database.condition import among, select
from server.domain import reference
from server.domain.working_time import SHANGHAI
from server.errors import EndedThoseRoles
from server.models import AuditEntry, Need, Role

# A request may wait so long for a lock: what it writes is older than it.
MARGIN = timedelta(minutes=10)
MOVES_NEEDS = tuple(f"station.{act}" for act in ("open", "suspended", "closing", "offers", "covers", "uncovers"))


async def require_none(need: Need, person_id: int) -> None:
    """Raise `EndedThoseRoles` for an officer who took the need from people who could read it; see `is_taker`."""
    if await is_taker(need, person_id):
        raise EndedThoseRoles


async def is_taker(need: Need, person_id: int) -> bool:
    """Return whether the person took the need from people who could read it, since it was submitted.

    They ended a role at a station that had the need, or changed the set-up of such a station, by which needs move. Or
    they ended the role of a person who could stand in there: of a head above, or an officer of its county. The same
    holds for each need that was merged into it.
    """
    return need.id in await taken([need], person_id)


async def taken(needs: Sequence[Need], person_id: int) -> set[int]:
    """Return the ids of those needs that the person took, as `is_taker`: as many statements for all as for one."""
    if not needs:
        return set()
    past = await _pasts_of(needs)
    stations = sorted(set().union(*(one.stations for one in past.values())))
    places = {one: await _places_of(past[one].stations) for one in past}
    everywhere = Q(station_id__in=sorted(set().union(*(one.stations for one in places.values()))))
    everywhere |= Q(area_id__in=sorted(set().union(*(one.counties for one in places.values()))) or [0])
    since = min(one.since for one in past.values())
    ended = await Role.filter(everywhere, ended_by_id=person_id, ended_at__gte=since)
    subjects = [f"station:{one}" for one in stations]
    changed = await AuditEntry.filter(subject__in=subjects, action__in=MOVES_NEEDS, person_id=person_id)
    return {need_id for need_id, one in past.items() if _is_taken(one, places[need_id], ended, changed)}


@dataclass(frozen=True)
class _Past:
    """When a need, or the first of those merged into it, was submitted, less a margin, and the stations that had it."""

    since: datetime
    stations: frozenset[int]


@dataclass(frozen=True)
class _Places:
    """Where a role makes a person act for stations, also as a stand-in: these stations, those above, their counties."""

    stations: frozenset[int]
    counties: frozenset[int]


async def _places_of(station_ids: Collection[int]) -> _Places:
    setup = await reference.snapshot()
    there = [setup.stations[one] for one in station_ids if one in setup.stations]
    above = {station.id for one in there for station in setup.all_above(one)}
    return _Places(frozenset({*station_ids, *above}), frozenset(one.county_id for one in there if one.county_id))


async def _pasts_of(needs: Sequence[Need]) -> dict[int, _Past]:
    joined = [need.id for need in needs if need.joined_needs]
    merged = await Need.filter(merged_into_id__in=joined) if joined else []
    into = {one.id: one.id for one in needs} | {one.id: one.merged_into_id for one in merged}
    had = await select("DISTINCT need_id, station_id", "need_event", among("need_id", sorted(into)))
    found = {}
    for need in needs:
        submitted = [one.submitted_at for one in (need, *merged) if into[one.id] == need.id]
        stations = {row["station_id"] for row in had if into[row["need_id"]] == need.id} - {None}
        found[need.id] = _Past(min(submitted) - MARGIN, frozenset({*stations, need.station_id}))
    return found


def _is_taken(past: _Past, places: _Places, ended: Sequence[Role], changed: Sequence[AuditEntry]) -> bool:
    subjects = {f"station:{one}" for one in past.stations}
    ended_there = (one.ended_at for one in ended if one.station_id in places.stations or one.area_id in places.counties)
    changed_there = (one for one in changed if one.subject in subjects)
    return any(at is not None and at >= past.since for at in ended_there) or any(
        _takes_effect_since(one, past.since) for one in changed_there
    )


def _takes_effect_since(change: AuditEntry, since: datetime) -> bool:
    """Return whether the change was made since then, or begins later: coverage may be planned for a day."""
    day = change.facts.get("day")
    return change.at >= since or (day is not None and day >= since.astimezone(SHANGHAI).date().isoformat())
