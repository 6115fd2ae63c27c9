"""Fix the satisfaction figures of ended months: each rating is counted in one month, and no figure changes later.

A rating counts in the month in which it was given, for the station that resolved the need. Figures of stations leave
out confidential needs; the county's count them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from server.database import db
from server.domain import policies, reference
from server.domain.policies import Scope
from server.domain.satisfaction import months
from server.domain.satisfaction.averages import COLUMNS, NOTHING, TAG_PATTERNS, Counted, counted, is_safe
from server.models import ActivitySatisfaction, FigureSubject, MonthlySatisfaction, Rating, Station
from server.models.satisfaction import Solved

CITY = Scope().key
LEAST = "min_ratings_for_average"

# By the id of the station.
ByStation = Mapping[int, Counted]


@db.transaction
async def fix_ended(*, now: datetime) -> list[str]:
    """Fix every month that can be fixed and is not yet. Return these months."""
    earliest = await Rating.filter(figure_month=None).order_by("rated_at").first()
    # The month before is fixed without a rating too: of it the response rate is shown.
    before = months.month_of(months.start_of(months.month_of(now)) - timedelta(days=1))
    first = min(months.month_of(earliest.rated_at), before) if earliest else before
    fixed = MonthlySatisfaction.filter(scope=CITY, subject=FigureSubject.NEEDS, month__gte=first)
    known = {one.month for one in await fixed}
    ended = [month for month in await months.list_ended(first, now) if month not in known]
    return [month for month in ended if await _fix(month, now)]


async def _fix(month: str, now: datetime) -> bool:
    """Fix the month, unless another job runner does it at the same time; then wait for it. Return whether it was new.

    The city's row is the first: it only says that the month is fixed.
    """
    columns = {"finished": 0, "asked": 0, "rated": 0, **NOTHING.columns(least=0, shown=False, now=now)}
    columns |= {"due": 0, "in_time": 0, "distribution": "[]", "tags": "{}", "solved": "[]"}
    key = {"scope": CITY, "subject": FigureSubject.NEEDS, "month": month}
    if not await db.insert_or_nothing("monthly_satisfaction", **key, **columns):
        return False
    await _mark(month)
    stations = list((await reference.snapshot()).stations.values())
    least = await policies.number_at(LEAST, stations)
    public, confidential = await _count_needs(month)
    of_stations = [
        _row(Scope(station_id=one.id), public[one.id], month, least=least[one.id], now=now)
        for one in stations
        if one.id in public
    ]
    of_counties = await _of_counties(stations, of_stations, public, confidential, month=month, now=now)
    of_activities = await _of_activities(least, month, now)
    await MonthlySatisfaction.bulk_create([*of_stations, *of_counties, *of_activities], batch_size=200)
    return True


def _row(
    scope: Scope, found: Counted, month: str, *, rest: Counted | None = None, least: int, now: datetime
) -> MonthlySatisfaction:
    """Return the row of what was counted; `rest` is what of it is not shown elsewhere, None for all of it."""
    safe = is_safe(found, found if rest is None else rest, least=least)
    return MonthlySatisfaction(
        subject=FigureSubject.NEEDS,
        scope=scope.key,
        month=month,
        finished=found.finished,
        asked=found.asked,
        rated=found.rated,
        due=found.due,
        in_time=found.in_time,
        solved=list(found.solved),
        **found.columns(least=least, shown=safe, now=now),
    )


async def _of_counties(
    stations: Iterable[Station],
    of_stations: Iterable[MonthlySatisfaction],
    public: ByStation,
    confidential: ByStation,
    *,
    month: str,
    now: datetime,
) -> list[MonthlySatisfaction]:
    """Return the counties' figures. Confidential ratings, and those of stations without averages, do not follow."""
    shown = {row.scope for row in of_stations if row.shown}
    rows = []
    for county_id in sorted({one.county_id for one in stations if one.county_id is not None}):
        theirs = [one for one in stations if one.county_id == county_id]
        hidden = [one for one in theirs if Scope(station_id=one.id).key not in shown]
        secret = _sum(confidential, theirs)
        least = await policies.number(LEAST, county_id=county_id)
        total, rest = _sum(public, theirs) + secret, _sum(public, hidden) + secret
        rows.append(_row(Scope(county_id=county_id), total, month, rest=rest, least=least, now=now))
    return rows


def _sum(found: ByStation, stations: Iterable[Station]) -> Counted:
    return sum((found[one.id] for one in stations if one.id in found), NOTHING)


RATERS_OF_ACTIVITIES = """
    SELECT r.activity_id, r.person_id
    FROM activity_satisfaction s JOIN activity_rating r ON r.activity_id = s.activity_id WHERE s.month = ?
"""


async def _of_activities(least: Mapping[int, int], month: str, now: datetime) -> list[MonthlySatisfaction]:
    """Return the stations' figures of all activities whose own figures were fixed in the month."""
    raters: dict[int, set[int]] = defaultdict(set)
    for row in (await db.execute(RATERS_OF_ACTIVITIES, [month]))[1]:
        raters[row["activity_id"]].add(row["person_id"])
    by_station: dict[int, list[ActivitySatisfaction]] = defaultdict(list)
    for one in await ActivitySatisfaction.filter(month=month):
        by_station[one.station_id].append(one)
    rows = []
    for station_id, theirs in sorted(by_station.items()):
        total, rest = (
            sum((_of_activity(one, raters[one.activity_id]) for one in some), NOTHING)
            for some in (theirs, [one for one in theirs if not one.shown])
        )
        made = _row(Scope(station_id=station_id), total, month, rest=rest, least=least[station_id], now=now)
        rows.append(made.update_from_dict({"subject": FigureSubject.ACTIVITIES}))
    return rows


def _of_activity(one: ActivitySatisfaction, raters: Iterable[int]) -> Counted:
    return Counted(
        finished=1,
        asked=one.eligible_raters,
        rated=one.ratings,
        ratings=one.ratings,
        raters=frozenset(raters),
        distribution=tuple(one.distribution),
        tags=one.tags,
    )


# A rating is marked first and counted by its mark: it cannot change in between.
MARK = """
    UPDATE rating SET figure_month = ?, confidential = CASE WHEN EXISTS (
        SELECT 1 FROM need n WHERE n.id = rating.need_id AND n.category_id IN ({confidential})
    ) THEN 1 ELSE 0 END
    WHERE figure_month IS NULL AND rated_at < ?
"""


async def _mark(month: str) -> None:
    ids = (await reference.snapshot()).category_ids(confidential=True)
    statement = MARK.format(confidential=db.placeholders(ids))
    await db.execute(statement, [month, *ids, months.end_of(month)])


SOLVED = ", ".join(f"SUM(r.solved = '{one}') solved_{one}" for one in Solved)
RATINGS = f"""
    SELECT r.station_id, r.confidential, COUNT(DISTINCT r.need_id) rated, {SOLVED}, {COLUMNS}
    FROM rating r WHERE r.figure_month = ? GROUP BY r.station_id, r.confidential
"""  # noqa: S608 - columns of ours
RATERS = "SELECT DISTINCT r.station_id, r.confidential, r.person_id FROM rating r WHERE r.figure_month = ?"
# Needs with an entry in the month, in one row for each station and whether they are confidential. A need that was
# resolved twice counts once.
ENTRIES = """
    SELECT e.station_id, CASE WHEN n.category_id IN ({categories}) THEN 1 ELSE 0 END confidential,
        COUNT(DISTINCT e.need_id) number
    FROM need_event e JOIN need n ON n.id = e.need_id
    WHERE e.station_id IN ({stations}) AND e.kind = ? AND e.at >= ? AND e.at < ?
"""
BY_STATION = " GROUP BY e.station_id, confidential"
# The rules closed it, because nobody rated it in time.
SILENT = """
    AND e.actor_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM rating r WHERE r.need_id = e.need_id AND r.figure_month = ?)
"""


# Needs whose response was due in the month, and those that were accepted or declined in time. No promise of a response
# is longer than `LONGEST_RESPONSE`.
RESPONSES = """
    SELECT n.station_id, CASE WHEN n.category_id IN ({categories}) THEN 1 ELSE 0 END confidential, COUNT(*) due,
        SUM(CASE WHEN n.accepted_at <= n.response_due_at
            OR (n.accepted_at IS NULL AND n.status = 'declined' AND n.ended_at <= n.response_due_at)
            THEN 1 ELSE 0 END) in_time
    FROM need n
    WHERE n.submitted_at >= ? AND n.submitted_at < ? AND n.response_due_at >= ? AND n.response_due_at < ?
        AND n.status NOT IN ('withdrawn', 'merged')
    GROUP BY n.station_id, confidential
"""
LONGEST_RESPONSE = timedelta(days=120)


async def _count_needs(month: str) -> tuple[ByStation, ByStation]:
    """Return what was counted of open needs and of confidential ones, by station."""
    found: tuple[dict[int, Counted], dict[int, Counted]] = ({}, {})

    def add(row: Mapping[str, Any], some: Counted) -> None:
        theirs = found[bool(row["confidential"])]
        theirs[row["station_id"]] = theirs.get(row["station_id"], NOTHING) + some

    for row in (await db.execute(RATINGS, [*TAG_PATTERNS, month]))[1]:
        solved = tuple(int(row[f"solved_{one}"] or 0) for one in Solved)
        add(row, counted(row, asked=int(row["rated"]), rated=int(row["rated"]), solved=solved))
    for row in (await db.execute(RATERS, [month]))[1]:
        add(row, Counted(raters=frozenset({row["person_id"]})))
    for answered in await _responses(month):
        add(answered, Counted(due=answered["due"], in_time=int(answered["in_time"])))
    for entry in await _entries("resolved", month):
        add(entry, Counted(finished=entry["number"]))
    for entry in await _entries("closed", month, SILENT, month):
        add(entry, Counted(asked=entry["number"]))
    return found


async def _responses(month: str) -> Sequence[Mapping[str, Any]]:
    categories = (await reference.snapshot()).category_ids(confidential=True)
    begin, end = months.start_of(month), months.end_of(month)
    statement = RESPONSES.format(categories=db.placeholders(categories))
    return (await db.execute(statement, [*categories, begin - LONGEST_RESPONSE, end, begin, end]))[1]


async def _entries(kind: str, month: str, more: str = "", *values: str) -> Sequence[Mapping[str, Any]]:
    setup = await reference.snapshot()
    categories, stations = setup.category_ids(confidential=True), list(setup.stations) or [0]
    places = {"categories": db.placeholders(categories), "stations": db.placeholders(stations)}
    statement = f"{ENTRIES.format(**places)}{more}{BY_STATION}"
    span = [months.start_of(month), months.end_of(month)]
    return (await db.execute(statement, [*categories, *stations, kind, *span, *values]))[1]
