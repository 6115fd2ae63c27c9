"""Rules on an activity's times and ages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from server.domain import venues
from server.errors import InvalidActivityPlan

LONGEST: timedelta = venues.MAX_USE
# A later start is a typing error.
FARTHEST = timedelta(days=2 * 366)
TIMES = ("starts_at", "ends_at", "booking_opens_at", "priority_until", "booking_closes_at", "cancellation_until")
# Fields that must agree with each other.
PLAN_FIELDS = (*TIMES, "min_age", "max_age")

Problem = tuple[str, str]


def require_valid(plan: Mapping[str, Any], now: datetime, also: Sequence[Problem] = ()) -> None:
    """Raise InvalidActivityPlan with every wrong field.

    `plan` has at least PLAN_FIELDS. `also`: problems of the location, which are added only if the plan is wrong too.
    """
    raise_problems([*find_contradictions(plan), *find_past(plan, now)], also)


def raise_problems(problems: Iterable[Problem], also: Sequence[Problem] = ()) -> None:
    """Raise InvalidActivityPlan if there are problems: the first problem of each field, and those of `also`."""
    if first := dict(reversed(list(problems))):
        first = dict(also) | first
        raise InvalidActivityPlan(fields=[{"field": f"body.{one}", "problem": first[one]} for one in sorted(first)])


def find_contradictions(plan: Mapping[str, Any]) -> list[Problem]:
    """Return the fields that contradict another field, each with a text."""
    starts_at, ends_at = plan["starts_at"], plan["ends_at"]
    opens_at, closes_at = plan["booking_opens_at"], plan["booking_closes_at"]
    first_until = plan["priority_until"]
    checks = (
        ("ends_at", "应晚于开始时间", ends_at > starts_at),
        ("ends_at", f"活动最长{LONGEST.days}天", ends_at <= starts_at + LONGEST),
        ("booking_opens_at", "不能早于活动开始前两年", opens_at >= starts_at - FARTHEST),
        ("booking_closes_at", "应晚于开放报名的时间", closes_at > opens_at),
        ("booking_closes_at", "不能晚于活动结束", closes_at <= ends_at),
        ("priority_until", "应在报名时间之内", first_until is None or opens_at < first_until <= closes_at),
        ("cancellation_until", "不能晚于活动开始", plan["cancellation_until"] <= starts_at),
        ("cancellation_until", "应晚于开放报名的时间", plan["cancellation_until"] > opens_at),
        ("max_age", "不能小于最低年龄", _in_order(plan["min_age"], plan["max_age"])),
    )  # fmt: skip
    return [(field, why) for field, why, right in checks if not right]


def _in_order(least: int | None, most: int | None) -> bool:
    return least is None or most is None or least <= most


def find_past(plan: Mapping[str, Any], now: datetime) -> list[Problem]:
    """Return the fields that are in the past, or too far in the future, each with a text."""
    checks = {"starts_at": "开始时间已过", "ends_at": "结束时间已过", "booking_closes_at": "报名截止时间已过"}
    over = [(field, why) for field, why in checks.items() if plan[field] <= now]
    return over if plan["starts_at"] <= now + FARTHEST else [*over, ("starts_at", "只能安排两年以内的活动")]
