"""Caps 上限: the points that a rule gives, and how many of them are left to a person on a day and in its month."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

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
    return _left(terms, day, by_day)


def _left(terms: Terms, day: date, by_day: Mapping[date, int]) -> int:
    """Return what is left of both caps; `by_day`: the points of the days of the month."""
    return max(0, min(terms.daily_cap - by_day.get(day, 0), terms.monthly_cap - sum(by_day.values())))


async def _points_by_day(
    terms: Terms, person_id: int, day: date, counted: Collection[EarningStatus]
) -> dict[date, int]:
    first = _month(day)
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


async def points_left_for(deeds: Sequence[Earning]) -> dict[int, int]:
    """Return by the id of each deed what its rule may still give, by one statement for all; `rule` must be loaded.

    It is for showing: no account is locked.
    """
    if not deeds:
        return {}
    months = [_month(one.day) for one in deeds]
    found = Earning.filter(
        person_id__in=sorted({one.person_id for one in deeds}),
        rule_id__in=sorted({one.rule_id for one in deeds if one.rule_id is not None}),
        status__in=list(APPROVED),
        day__gte=min(months),
        day__lt=month_after(max(months)),
    )
    rows = await found.annotate(sum=Sum("points")).group_by(*_GROUP).values(*_GROUP, "sum")
    return {one.id: _left(terms_of(one.rule), one.day, _of_month(one, rows)) for one in deeds if one.rule is not None}


_GROUP = ("person_id", "rule_id", "day")


def _month(day: date) -> date:
    return day.replace(day=1)


def _of_month(deed: Earning, rows: Sequence[dict[str, Any]]) -> dict[date, int]:
    """Return the points of each day, as `_points_by_day` does, among those of many people and rules."""
    same = (deed.person_id, deed.rule_id, _month(deed.day))
    of_same = [row for row in rows if (row["person_id"], row["rule_id"], _month(row["day"])) == same]
    return {row["day"]: int(row["sum"]) for row in of_same}
