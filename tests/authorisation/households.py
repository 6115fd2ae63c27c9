"""Access to households."""

import itertools

from server.domain import households
from tests import factories
from tests.authorisation.given import Given
from tests.authorisation.row import Row
from tests.factories.households import alone, household
from tests.sides import Side

NUMBERS = itertools.count(1)


async def no_households(side: Side) -> Given:
    """A city in which no persona belongs to a household."""
    await alone(*side.people.values(), now=side.now)
    return Given()


async def owner_in_household(side: Side) -> Given:
    """A city in which only the owner belongs to a household."""
    await no_households(side)
    await household(side.people["owner"], now=side.now)
    return Given()


async def invited(side: Side) -> Given:
    """A newcomer's code, for personas without a household."""
    await no_households(side)
    relative = await factories.person("亲戚", side.now)
    await household(relative.id, now=side.now)
    code, _ = await households.invite(by=relative.id, now=side.now)
    return Given(body={"code": code})


async def known(side: Side) -> int:
    """A newcomer who has had a need at this side's station."""
    person = await factories.person(f"老人{next(NUMBERS)}", side.now, side.community)
    await side.submitted(by=person.id)
    return person.id


async def two_known(side: Side) -> Given:
    return Given(body={"person_id": await known(side), "household_member_id": await known(side)})


async def known_housed(side: Side) -> Given:
    person_id = await known(side)
    await household(person_id, now=side.now)
    return Given(body={"person_id": person_id})


ROWS: dict[str, Row] = {
    # nobody stranger neighbour owner worker head other county other_county city
    "GET /household": Row("401 200 200 200 200 200 200 200 200 200", owner_in_household),
    "POST /household": Row("401 201 201 201 201 201 201 201 201 201", no_households),
    "POST /household/invitations": Row("401 409 409 201 409 409 409 409 409 409", owner_in_household),
    "POST /household/memberships": Row("401 201 201 201 201 201 201 201 201 201", invited),
    "POST /household/leaving": Row("401 409 409 200 409 409 409 409 409 409", owner_in_household),
    "POST /station/households/members": Row("401 403 403 403 201 201 404 403 403 403", two_known),
    "POST /station/households/members/ending": Row("401 403 403 403 200 200 404 403 403 403", known_housed),
}
