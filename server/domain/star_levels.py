"""Star levels 星级 of volunteers by hours served. Spending minutes costs no star."""

from server.domain import policies

MAX_STARS = 5
_POLICIES = tuple(f"star_{star}_hours" for star in range(1, MAX_STARS + 1))


async def get_stars(served_minutes: int) -> int:
    """Return the number of stars for so many minutes served, 0 to 5."""
    hours = await policies.numbers(*_POLICIES)
    return sum(served_minutes >= 60 * needed for needed in hours.values())
