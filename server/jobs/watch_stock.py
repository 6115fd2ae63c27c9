"""Every morning: which goods of the love supermarket ran low, or come near their use-by date?"""

from server.domain import chores
from server.domain.supermarket import watching
from server.jobs.tools import Tools
from server.models import Job


async def do(_: Job, tools: Tools) -> None:
    """Tell each station's staff of theirs."""
    now = tools.clock.now()
    for station_id in await watching.stations_with_goods():
        await watching.tell(station_id, now=now)
    await chores.stock_watched(now=now)
