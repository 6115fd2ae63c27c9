"""Years of birth, which the contract cannot hold against a clock."""

from collections.abc import Mapping
from datetime import datetime

from server.domain.working_time import SHANGHAI
from server.errors import BadInput


def require_past_years(years: Mapping[str, int | None], now: datetime) -> None:
    """Refuse years of birth, by their fields in the body, that are still to come: BadInput names each."""
    this_year = now.astimezone(SHANGHAI).year
    late = [field for field, year in years.items() if year is not None and year > this_year]
    if late:
        raise BadInput(fields=[{"field": f"body.{field}", "problem": "出生年份不能晚于今年"} for field in late])
