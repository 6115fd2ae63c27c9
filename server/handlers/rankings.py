"""Rankings of volunteers."""

from miniprogram_contract.rankings import Ranking, RankingEntry, RankingFilter
from server.adapters.clock import Moment
from server.domain import rankings
from server.domain.masking import mask_name
from server.domain.rankings import Period, RankingRow
from server.errors import NotFound
from server.handlers.http import Caller, endpoint
from server.handlers.http.endpoint import RateLimit

LOOKING = RateLimit(most=30, seconds=60)


@endpoint("GET", "/rankings", query=RankingFilter, reply=Ranking, limit=LOOKING, refuses=(NotFound,))
async def get_ranking(query: RankingFilter, caller: Caller, now: Moment) -> Ranking:
    """Show the first 50 volunteers who agreed to be named, with masked names."""
    period = Period(query.period)
    lines = await rankings.list_ranking(period, station_id=query.station, county_id=query.county, now=now)
    return Ranking(items=[_ranking_entry(one, caller) for one in lines])


def _ranking_entry(line: RankingRow, caller: Caller) -> RankingEntry:
    return RankingEntry(
        rank=line.rank,
        name=mask_name(line.person.name) if line.person.name else None,
        served_minutes=line.served_minutes,
        is_self=line.person.id == caller.person_id,
    )
