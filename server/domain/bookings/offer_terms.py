"""How long a seat offer of the waiting list holds, by the policies of the station."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain import policies
from server.domain.activities import quiet_hours
from server.domain.activities.quiet_hours import QuietHours
from server.domain.working_time import SHANGHAI
from server.models import Activity


@dataclass(frozen=True)
class OfferTerms:
    """How long an offer lasts, in minutes outside the quiet hours, and how long before the start offers stop."""

    minutes: int
    same_day_minutes: int
    auto_promotion: timedelta

    def is_too_late_to_ask(self, activity: Activity, now: datetime) -> bool:
        """Return whether it is too late for offers, so that the first in line get their seats at once."""
        return now >= activity.starts_at - self.auto_promotion

    def expiry(self, activity: Activity, now: datetime, quiet: QuietHours) -> datetime:
        """Return the time until which an offer made now may be accepted: not later than the start."""
        today = now.astimezone(SHANGHAI).date() == activity.starts_at.astimezone(SHANGHAI).date()
        minutes = self.same_day_minutes if today else self.minutes
        return min(quiet_hours.add_active_minutes(now, minutes, quiet), activity.starts_at)


async def get_terms(station_id: int) -> OfferTerms:
    """Return the terms as the station's policies set them."""
    names = ("offer_minutes", "same_day_offer_minutes", "auto_promotion_minutes")
    minutes, on_the_day, auto_promotion = (await policies.numbers(*names, station_id=station_id)).values()
    return OfferTerms(minutes, on_the_day, timedelta(minutes=auto_promotion))
