"""The cover of a station: the accepted shifts of the station and of its county. What is promised depends on it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import policies, reference, stations, working_time
from server.domain.working_time import SHANGHAI
from server.models import COVERING, Station

# Rows beyond these are of a roster that is planned for months.
MOST_SHIFTS = 1000
SHIFTS = """
    SELECT scope, person_id, phone, starts_at, ends_at FROM duty_shift
    WHERE scope IN ({scopes}) AND ends_at > ? AND status IN (?, ?) ORDER BY starts_at, id LIMIT ?
"""


@dataclass(frozen=True)
class CoveringShift:
    """The columns of an accepted shift that say when it covers its place, and which phone rings."""

    scope: str
    person_id: int
    phone: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class DutyState:
    """Whether a shift covers a station at `moment`.

    `next_shift_at` is the begin of the next shift if none does; `opens_at` is when working time goes on, at `moment`
    itself during working time.
    """

    moment: datetime
    covered: bool
    next_shift_at: datetime | None
    opens_at: datetime

    @property
    def begins_at(self) -> datetime:
        """When a person is there: now, at the next shift, or in working time."""
        return self.moment if self.covered else min(self.next_shift_at or self.opens_at, self.opens_at)


def scope_of(*, station_id: int | None = None, county_id: int | None = None) -> str:
    """Return the text by which shifts of a station, or of a county, are found."""
    return f"area:{county_id}" if station_id is None else f"station:{station_id}"


def scopes_covering(station: Station) -> list[str]:
    """Return the scopes whose shifts cover the station: its own, and its county's."""
    own = scope_of(station_id=station.id)
    return [own] if station.county_id is None else [own, scope_of(county_id=station.county_id)]


async def list_shifts(
    scopes: Iterable[str], *, since: datetime, residents: Collection[int] = ()
) -> list[CoveringShift]:
    """Return the accepted shifts of these scopes that end after `since`, by their begin.

    A person in danger does not help themselves: shifts of the `residents` of a need are left out.
    """
    wanted = list(dict.fromkeys(scopes))
    statement = SHIFTS.format(scopes=db.placeholders(wanted))
    _, found = await db.execute(statement, [*wanted, since, *COVERING, MOST_SHIFTS])
    return [_shift(row) for row in found if row["person_id"] not in residents]


def _shift(row: Mapping[str, Any]) -> CoveringShift:
    times = {name: db.from_database(row[name]) for name in ("starts_at", "ends_at")}
    return CoveringShift(**{**row, **times})


def on_duty(shifts: Iterable[CoveringShift], moment: datetime) -> list[CoveringShift]:
    """Return the shifts that cover the moment."""
    return [one for one in shifts if one.starts_at <= moment < one.ends_at]


async def list_around(station_id: int, moment: datetime, residents: Collection[int] = ()) -> list[CoveringShift]:
    """Return the accepted shifts of the station and of its county that end after the moment, as `list_shifts`."""
    station = await reference.station(station_id)
    assert station is not None, "a foreign key"
    return await list_shifts(scopes_covering(station), since=moment, residents=residents)


async def state_at(station_id: int, moment: datetime, residents: Collection[int] = ()) -> DutyState:
    """Return whether a shift of the station or of its county covers the moment, and when the next one begins."""
    return await state_of(await list_around(station_id, moment, residents), moment)


async def find_state(station_id: int | None, moment: datetime) -> DutyState | None:
    """Return the state of the station, None for None. Raises `NotFound` if there is no such station."""
    return None if station_id is None else await state_at((await stations.get(station_id)).id, moment)


async def state_of(shifts: Sequence[CoveringShift], moment: datetime) -> DutyState:
    """Return the state that these shifts of a station and its county give."""
    hours, known = await policies.get_working_hours(), await policies.get_calendar_days()
    return DutyState(
        moment=moment,
        covered=bool(on_duty(shifts, moment)),
        next_shift_at=next((one.starts_at for one in shifts if one.starts_at > moment), None),
        opens_at=working_time.next_open_moment(moment, hours=hours, known=known),
    )


def in_words(state: DutyState) -> str:
    """Return for residents whether a person is on duty: “现在没有人值班，明天9:00上班。”"""
    if state.covered:
        return "现在有人值班，会尽快联系您。"
    if state.begins_at == state.moment:
        return "现在是上班时间，工作人员会尽快联系您。"
    return f"现在没有人值班，{_when(state.begins_at, state.moment)}上班。"


def _when(moment: datetime, now: datetime) -> str:
    there, today = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    clock = f"{there.hour}:{there:%M}"
    days = {today: "今天", today + timedelta(days=1): "明天"}
    return f"{days.get(there.date(), f'{there.month}月{there.day}日')}{clock}"
