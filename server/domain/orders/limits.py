"""Limits on pieces of a good per person, and per household, in a calendar month of Shanghai."""

from collections.abc import Mapping
from datetime import datetime

from server.database import db
from server.domain.households import MEMBERS_SINCE
from server.domain.orders.transitions import RETURNED
from server.domain.working_time import SHANGHAI, midnight
from server.errors import HouseholdMonthLimit, PersonMonthLimit, Refusal
from server.models import Good

Pieces = Mapping[int, int]
REFUSALS: Mapping[str, type[Refusal]] = {"person": PersonMonthLimit, "household": HouseholdMonthLimit}

# The pieces of each good that the person, and all people of the household, ordered and did not return.
ORDERED_SQL = f"""
    SELECT l.good_id, SUM(l.pieces) household, SUM(CASE WHEN o.person_id = ? THEN l.pieces ELSE 0 END) person
    FROM ({MEMBERS_SINCE}) people
    JOIN supermarket_order o ON o.person_id = people.person_id AND o.placed_at >= ? AND o.status NOT IN ({{returned}})
    JOIN order_line l ON l.order_id = o.id AND l.good_id IN ({{goods}})
    GROUP BY l.good_id
"""  # noqa: S608 - constants of ours


async def require_month_limits(
    pieces_by_good: Pieces, goods: Mapping[int, Good], person_id: int, *, now: datetime
) -> None:
    """Refuse pieces beyond a limit of this month with `PersonMonthLimit` or `HouseholdMonthLimit`.

    A household is everyone who shared one with the person this month; otherwise a member could leave, order and come
    back. A person alone is a household. The goods are locked, so another order of them waits until this one counts.
    """
    limited = sorted(one.id for one in goods.values() if one.person_month_limit or one.household_month_limit)
    had = await _ordered(limited, person_id, _first_of_month(now)) if limited else {}
    for who, refusal in REFUSALS.items():
        for good_id in limited:
            limit: int | None = getattr(goods[good_id], f"{who}_month_limit")
            left = limit and max(0, limit - had.get((who, good_id), 0))
            if left is not None and pieces_by_good[good_id] > left:
                raise refusal(good=good_id, left=left)


async def _ordered(good_ids: list[int], person_id: int, since: datetime) -> dict[tuple[str, int], int]:
    """Return the pieces ordered since then, by `person` or `household` and good."""
    statement = ORDERED_SQL.format(returned=db.placeholders(RETURNED), goods=db.placeholders(good_ids))
    people = [person_id, person_id, person_id, since, since]
    _, rows = await db.execute(statement, [*people, since, *RETURNED, *good_ids])
    return {(who, row["good_id"]): int(row[who]) for row in rows for who in REFUSALS}


def _first_of_month(now: datetime) -> datetime:
    return midnight(now.astimezone(SHANGHAI).date().replace(day=1))
