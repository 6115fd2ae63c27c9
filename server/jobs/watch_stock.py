"""Every morning: which goods of the love supermarket ran low, or come near their use-by date?"""

from server.domain import daily_jobs
from server.domain.supermarket import stock_warnings
from server.jobs.context import JobContext
from server.models import Job


async def do(_: Job, tools: JobContext) -> None:
    """Tell each station's staff of theirs."""
    now = tools.clock.now()
    for station_id in await stock_warnings.stations_with_goods():
        await stock_warnings.tell(station_id, now=now)
    await daily_jobs.stock_watched(now=now)
