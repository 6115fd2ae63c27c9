"""Set up a new installation: Luzhou's areas, the plan's categories of need, and the city desk.

It may be repeated; existing rows stay as they are.
"""

import argparse
from collections.abc import Callable
from datetime import datetime
from functools import partial

from scripts.environment import run_with_database, settings_of_environment
from server.adapters.clock import SystemClock
from server.database import db
from server.domain import areas, categories, stations
from server.models import Area, AreaEdition, AreaLevel, EditionStatus, Station

Say = Callable[[str], object]


async def set_up(now: datetime, say: Say) -> Station:
    """Fill a connected database and return the city desk."""
    await load_areas(now, say)
    say(f"{await categories.seed(now)} new categories of need")
    city = await Area.filter(level=AreaLevel.CITY, valid_until=None).order_by("id").first()
    assert city is not None, "Luzhou's own list names the city"
    desk = await stations.set_up_city_desk(city.id, name=f"{city.name}社会工作服务台", now=now)
    say(f"{desk.name} (station {desk.id}) takes what no other station does")
    return desk


async def load_areas(now: datetime, say: Say) -> None:
    """Import the lists that come with the project, oldest first."""
    for path, new in areas.LUZHOU:
        if await AreaEdition.exists(name=new.name, status=EditionStatus.APPLIED):
            continue
        edition = await areas.propose(partial(path.open, encoding="utf-8"), new, by=None, now=now)
        await areas.apply(edition.id, by=None, now=now)
        say(f"areas, {new.name}: " + ", ".join(f"{count} {kind}" for kind, count in edition.counts.items()))


async def main() -> None:
    argparse.ArgumentParser(prog="scripts/set_up", description=__doc__).parse_args()
    settings = settings_of_environment()
    async with db.connected(settings.database_url, pool=2):
        await set_up(SystemClock().now(), print)


if __name__ == "__main__":
    run_with_database(main())
