"""Caps 上限: the points that a rule gives, and how many of them are left to a person on a day and in its month."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from tortoise.functions import Sum

from server.domain.working_time import month_after
from server.models import Earning, EarningRule, EarningStatus, RuleKind

# Approved earnings, in every state until they are in the ledger.
APPROVED = frozenset(
    {EarningStatus.WAITING, EarningStatus.LISTED, EarningStatus.FROZEN, EarningStatus.GRANTED},
)
# An undecided claim leaves less for the next claim.
APPROVED_OR_CLAIMED = APPROVED | {EarningStatus.CLAIMED}


@dataclass(frozen=True)
class Terms:
    """The terms of a rule, in points.

    `rule_id` is None for the default rule of an hour: it is the same rule at all stations without their own, so its
    caps count across them.
    """

    rule_id: int | None
    kind: RuleKind
    title: str
    points: int
    daily_cap: int
    monthly_cap: int
    public_notice: bool = False


def terms_of(rule: EarningRule) -> Terms:
    return Terms(
        rule.id, rule.kind, rule.title, rule.points, rule.daily_cap, rule.monthly_cap, public_notice=rule.public_notice
    )


async def points_left(terms: Terms, person_id: int, day: date, *, counted: Collection[EarningStatus] = APPROVED) -> int:
    """Return the points that the rule may still give the person for the day in Shanghai.

    Call it with the person's points account locked, else two earnings could use up the same rest.
    """
    by_day = await _points_by_day(terms, person_id, day, counted)
    return max(0, min(terms.daily_cap - by_day.get(day, 0), terms.monthly_cap - sum(by_day.values())))


async def _points_by_day(
    terms: Terms, person_id: int, day: date, counted: Collection[EarningStatus]
) -> dict[date, int]:
    first = day.replace(day=1)
    found = Earning.filter(
        person_id=person_id,
        kind=terms.kind,
        rule_id=terms.rule_id,
        status__in=list(counted),
        day__gte=first,
        day__lt=month_after(first),
    )
    rows = await found.annotate(sum=Sum("points")).group_by("day").values("day", "sum")
    return {row["day"]: int(row["sum"]) for row in rows}
