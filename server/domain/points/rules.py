"""Earning rules 积分规则: what a station gives points for, kept by its head, readable by everybody."""

from server.domain import policies
from server.domain.points.caps import Terms, terms_of
from server.models import EarningRule, RuleKind

HOUR_TITLE = "志愿服务时长"


async def of_hour(station_id: int) -> Terms:
    """What the station gives for an hour of service: its own active rule, else the policies' numbers."""
    rule = await EarningRule.filter(station_id=station_id, kind=RuleKind.HOUR, active=True).first()
    if rule is not None:
        return terms_of(rule)
    found = await policies.numbers("points_an_hour", "hour_points_a_day", "hour_points_a_month", station_id=station_id)
    return Terms(
        None,
        RuleKind.HOUR,
        HOUR_TITLE,
        found["points_an_hour"],
        found["hour_points_a_day"],
        found["hour_points_a_month"],
    )
