"""Limits on pieces of a good per person, and per household, in a calendar month of Shanghai."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tortoise.expressions import Q
from tortoise.functions import Sum

from server.domain import households
from server.domain.orders.transitions import RETURNED
from server.domain.working_time import SHANGHAI
from server.errors import HouseholdMonthLimit, PersonMonthLimit, Refusal
from server.models import Good, OrderLine

Pieces = Mapping[int, int]


async def require_person_limit(pieces_by_good: Pieces, goods: Iterable[Good], person_id: int, *, now: datetime) -> None:
    """Refuse with `PersonMonthLimit` pieces beyond the person's limit of this month.

    The goods are locked, so another order of them waits until this one counts.
    """
    limits = {good.id: good.person_month_limit for good in goods}
    had = await _pieces_ordered(Q(order__person_id=person_id), pieces_by_good, now)
    _require_within(pieces_by_good, limits, had, PersonMonthLimit)


async def require_household_limit(
    pieces_by_good: Pieces, goods: Iterable[Good], person_id: int, *, now: datetime
) -> None:
    """Refuse with `HouseholdMonthLimit` pieces beyond the household's limit of this month.

    It counts everyone who shared the person's household this month; otherwise a member could leave, order and come
    back. A person alone is a household.
    """
    limits = {good.id: good.household_month_limit for good in goods}
    people = await households.members_since(person_id, _first_of_month(now))
    had = await _pieces_ordered(Q(order__person_id__in=sorted(people)), pieces_by_good, now)
    _require_within(pieces_by_good, limits, had, HouseholdMonthLimit)


async def _pieces_ordered(whose: Q, pieces_by_good: Pieces, now: datetime) -> dict[int, int]:
    lines = OrderLine.filter(whose, good_id__in=list(pieces_by_good), order__placed_at__gte=_first_of_month(now))
    counted = lines.filter(order__status__not_in=list(RETURNED))
    rows = await counted.annotate(sum=Sum("pieces")).group_by("good_id").values("good_id", "sum")
    return {row["good_id"]: int(row["sum"]) for row in rows}


def _first_of_month(now: datetime) -> datetime:
    return now.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _require_within(
    pieces_by_good: Pieces, limits: Mapping[int, int | None], had: Pieces, refusal: type[Refusal]
) -> None:
    for good_id, pieces in sorted(pieces_by_good.items()):
        limit = limits[good_id]
        if limit is None:
            continue
        left = max(0, limit - had.get(good_id, 0))
        if pieces > left:
            raise refusal(good=good_id, left=left)
