"""Steps of a need that tests repeat."""

from datetime import datetime

from server.domain.needs import crisis_alerts, crisis_openings
from server.domain.staff import Staff
from server.models import Need


async def hear(need: Need, by: Staff, now: datetime) -> None:
    """Open the crisis of the need and acknowledge its alert."""
    await crisis_openings.open_crisis(need.id, reason="接到报警", by=by, now=now)
    await crisis_alerts.acknowledge(need.id, by=by, now=now)
