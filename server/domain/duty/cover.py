"""The cover of a station: the accepted shifts of the station and of its county. What is promised depends on it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from server.database import db
from server.domain import policies, reference, staff, stations, working_time
from server.domain.staff import StationStaff
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


class Acting(StrEnum):
    """The people who act for a station in working time."""

    WORKERS = "workers"
    STAND_INS = "stand_ins"
    NOBODY = "nobody"


@dataclass(frozen=True)
class DutyState:
    """Whether a shift covers a station at `moment`.

    `next_shift_at` is the begin of the next shift if none does; `opens_at` is when working time goes on, at `moment`
    itself during working time; `acting` is who acts for the station then.
    """

    moment: datetime
    covered: bool
    next_shift_at: datetime | None
    opens_at: datetime
    acting: Acting

    @property
    def begins_at(self) -> datetime | None:
        """When a person is there: now, at the next shift, or in working time. None: nobody acts for the station."""
        if self.covered:
            return self.moment
        moments = [self.next_shift_at, self.opens_at if self.acting != Acting.NOBODY else None]
        return min((one for one in moments if one is not None), default=None)


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
    shifts = await list_around(station_id, moment, residents)
    return await state_of(shifts, await staff.of_station(station_id), moment, residents)


async def find_state(station_id: int | None, moment: datetime) -> DutyState | None:
    """Return the state of the station, None for None. Raises `NotFound` if there is no such station."""
    return None if station_id is None else await state_at((await stations.get(station_id)).id, moment)


def next_shift_at(shifts: Iterable[CoveringShift], moment: datetime) -> datetime | None:
    """Return when the next of these shifts begins."""
    return next((one.starts_at for one in shifts if one.starts_at > moment), None)


async def state_of(
    shifts: Sequence[CoveringShift], people: StationStaff, moment: datetime, residents: Collection[int] = ()
) -> DutyState:
    """Return the state that these shifts and people of a station give, without the residents of a need."""
    hours, known = await policies.get_working_hours(), await policies.get_calendar_days()
    return DutyState(
        moment=moment,
        covered=bool(on_duty(shifts, moment)),
        next_shift_at=next_shift_at(shifts, moment),
        opens_at=working_time.next_open_moment(moment, hours=hours, known=known),
        acting=_acting(people, residents),
    )


def _acting(people: StationStaff, residents: Collection[int]) -> Acting:
    if not set(people.acting) - set(residents):
        return Acting.NOBODY
    return Acting.WORKERS if people.workers else Acting.STAND_INS


def in_words(state: DutyState) -> str:
    """Return for residents whether a person is on duty: “现在没有人值班，明天9:00上班。”"""
    if state.covered:
        return "现在有人值班，会尽快联系您。"
    begins_at = state.begins_at
    if begins_at is None:
        return "现在没有人值班，这里也没有能为您办理的工作人员。"
    instead = "这里暂时没有工作人员，由上级代管。" if state.acting == Acting.STAND_INS else ""
    if begins_at == state.moment:
        return f"{instead}现在是上班时间，{'代管' if instead else '工作'}人员会尽快联系您。"
    return f"{instead}现在没有人值班，{_when(begins_at, state.moment)}上班。"


def _when(moment: datetime, now: datetime) -> str:
    there, today = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    clock = f"{there.hour}:{there:%M}"
    days = {today: "今天", today + timedelta(days=1): "明天"}
    return f"{days.get(there.date(), f'{there.month}月{there.day}日')}{clock}"
