"""A check of years of birth that needs the clock, which the contract does not have."""

from collections.abc import Mapping
from datetime import datetime

from server.domain.working_time import SHANGHAI
from server.errors import BadInput


def require_past_years(years: Mapping[str, int | None], now: datetime) -> None:
    """Raise `BadInput` for years of birth in the future; it names the fields of the body."""
    this_year = now.astimezone(SHANGHAI).year
    late = [field for field, year in years.items() if year is not None and year > this_year]
    if late:
        raise BadInput(fields=[{"field": f"body.{field}", "problem": "出生年份不能晚于今年"} for field in late])
