"""Households for tests."""

from datetime import datetime

from server.domain import households
from server.models import Household, HouseholdMember


async def household(*person_ids: int, now: datetime) -> int:
    """Create a household of these people and return its id."""
    made = await Household.create(created_at=now)
    for person_id in person_ids:
        await HouseholdMember.create(household=made, person_id=person_id, joined_at=now, entered_by_id=person_id)
    return made.id


async def alone(*person_ids: int, now: datetime) -> None:
    """End the memberships of these people."""
    for person_id in person_ids:
        if await households.of(person_id) is not None:
            await households.leave(by=person_id, now=now)
