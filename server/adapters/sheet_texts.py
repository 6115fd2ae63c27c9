"""What stands on sheets that are drawn. Those who draw them are loaded when somebody wants one, and few do."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Sheet:
    """How large a poster is; called with so many of its units, about hundredths of its width, it gives pixels."""

    width: int
    height: int
    dots_per_inch: int
    unit: float

    def __call__(self, units: float) -> int:
        return round(units * self.unit)


A4 = Sheet(1240, 1754, 150, 12.4)
PHONE = Sheet(1080, 1920, 72, 11.6)


@dataclass(frozen=True)
class PosterText:
    """What stands on a poster."""

    title: str
    text: str
    when: str
    place: str
    station: str
    phone: str
    over: str = ""  # why nobody should come any more: 活动已取消


@dataclass(frozen=True)
class CertificateText:
    """What stands on the sheet."""

    name: str
    served_minutes: int
    records: int
    stars: int
    first_day: date
    last_day: date
    station: str
    issued_day: date
    code: str
    address: str  # where the code is verified


def day_in_words(day: date) -> str:
    """The day as it is written: 2026年3月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def hours_in_words(minutes: int) -> str:
    """So many minutes in words: 12小时30分钟."""
    whole, rest = divmod(minutes, 60)
    return (f"{whole}小时" if whole else "") + (f"{rest}分钟" if rest or not whole else "")
