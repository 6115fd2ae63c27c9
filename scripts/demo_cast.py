"""The people and places of the demonstration, and its days: the working days before today."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from scripts.demo_people import LINYU
from server.domain.staff import Staff
from server.domain.working_time import SHANGHAI, is_working_day


@dataclass(frozen=True)
class Cast:
    """Ids of the people and scopes of the staff by nickname, stations by place."""

    people: dict[str, int]
    staff: dict[str, Staff]
    stations: dict[tuple[str, ...], int]
    village: int  # 先锋村
    now: datetime

    @property
    def station(self) -> int:
        """Return 邻玉街道's station, where most of it happens."""
        return self.stations[LINYU]

    def ago(self, working_days: int, hour: int, minute: int = 0) -> datetime:
        """Return a moment in Shanghai some working days before today."""
        day = self.now.astimezone(SHANGHAI).date()
        while working_days:
            day -= timedelta(days=1)
            working_days -= is_working_day(day)
        return datetime.combine(day, time(hour, minute), SHANGHAI)

    def next_saturday(self, hour: int) -> datetime:
        """Return a moment of the next Saturday that leaves time to prepare."""
        day = self.now.astimezone(SHANGHAI).date() + timedelta(days=2)
        day += timedelta(days=(6 - day.isoweekday()) % 7)
        return datetime.combine(day, time(hour), SHANGHAI)
