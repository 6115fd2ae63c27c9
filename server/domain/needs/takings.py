"""Officers who took a confidential need from its readers: they do not read it themselves."""

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
    these = [need, *(await Need.filter(merged_into_id=need.id) if need.joined_needs else [])]
    since = min(one.submitted_at for one in these) - MARGIN
    had = await select("DISTINCT station_id", "need_event", among("need_id", [one.id for one in these]))
    stations = sorted({row["station_id"] for row in had if row["station_id"] is not None} | {need.station_id})
    setup = await reference.snapshot()
    there = [setup.stations[one] for one in stations if one in setup.stations]
    above = {station.id for one in there for station in setup.all_above(one)}
    places = Q(station_id__in=[*stations, *above]) | Q(area_id__in=[one.county_id for one in there if one.county_id])
    ended = Role.filter(places, ended_by_id=person_id, ended_at__gte=since)
    subjects = [f"station:{one}" for one in stations]
    changed = AuditEntry.filter(subject__in=subjects, action__in=MOVES_NEEDS, person_id=person_id)
    return await ended.exists() or any(_takes_effect_since(one, since) for one in await changed)


def _takes_effect_since(change: AuditEntry, since: datetime) -> bool:
    """Return whether the change was made since then, or begins later: coverage may be planned for a day."""
    day = change.facts.get("day")
    return change.at >= since or (day is not None and day >= since.astimezone(SHANGHAI).date().isoformat())
