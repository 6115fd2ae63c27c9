"""Households for tests."""

from datetime import datetime

from server.domain import households
from server.models import Household, HouseholdMember


async def household(*person_ids: int, now: datetime) -> int:
    """A household of these people, by its id."""
    made = await Household.create(created_at=now)
    for one in person_ids:
        await HouseholdMember.create(household=made, person_id=one, joined_at=now, entered_by_id=one)
    return made.id


async def alone(*person_ids: int, now: datetime) -> None:
    """These people as members of no household."""
    for one in person_ids:
        if await households.of(one) is not None:
            await households.leave(by=one, now=now)
