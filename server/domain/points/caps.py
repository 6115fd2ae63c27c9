"""Caps 上限: what a rule gives, and how much of it is left to a person on a day and in its month."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from tortoise.functions import Sum

from server.models import Earning, EarningRule, EarningStatus, RuleKind

# What was approved, wherever it stands on its way into the ledger.
APPROVED = frozenset(
    {EarningStatus.WAITING, EarningStatus.LISTED, EarningStatus.FROZEN, EarningStatus.GRANTED},
)
# A claim nobody has decided yet leaves less for the next claim.
ALIVE = APPROVED | {EarningStatus.CLAIMED}


@dataclass(frozen=True)
class Terms:
    """What a rule gives and at most gives a person, in points.

    `rule_id` None: the default rule of an hour, one for all stations without their own, so that it counts in all.
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


async def left(terms: Terms, person_id: int, day: date, *, counted: Collection[EarningStatus] = APPROVED) -> int:
    """Points the rule may still give the person for the day (in Shanghai): what exceeds them is never given.

    To be asked with the person's points account locked: else two may be given the same rest at once.
    """
    by_day = await _earned(terms, person_id, day, counted)
    return max(0, min(terms.daily_cap - by_day.get(day, 0), terms.monthly_cap - sum(by_day.values())))


async def _earned(terms: Terms, person_id: int, day: date, counted: Collection[EarningStatus]) -> dict[date, int]:
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    found = Earning.filter(
        person_id=person_id,
        kind=terms.kind,
        rule_id=terms.rule_id,
        status__in=list(counted),
        day__gte=first,
        day__lt=following,
    )
    rows = await found.annotate(sum=Sum("points")).group_by("day").values("day", "sum")
    return {row["day"]: int(row["sum"]) for row in rows}
