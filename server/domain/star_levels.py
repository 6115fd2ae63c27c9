"""Stars 星级: what is said of a volunteer by the hours they have served. Spending minutes costs none."""

from server.domain import policies

HIGHEST = 5
_POLICIES = tuple(f"star_{star}_hours" for star in range(1, HIGHEST + 1))


async def stars(served_minutes: int) -> int:
    """How many stars so much service is worth, 0 to 5: one for each of the city's hours that were reached."""
    hours = await policies.numbers(*_POLICIES)
    return sum(served_minutes >= 60 * needed for needed in hours.values())
