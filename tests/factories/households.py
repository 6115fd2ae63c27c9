"""Households for tests."""

from datetime import datetime

from server.domain import households
from server.models import Household, HouseholdMember


async def household(*person_ids: int, now: datetime) -> int:
    """Create a household of these people and return its id."""
    made = await Household.create(created_at=now)
    for one in person_ids:
        await HouseholdMember.create(household=made, person_id=one, joined_at=now, entered_by_id=one)
    return made.id


async def alone(*person_ids: int, now: datetime) -> None:
    """End the memberships of these people."""
    for one in person_ids:
        if await households.of(one) is not None:
            await households.leave(by=one, now=now)
