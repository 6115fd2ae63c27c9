"""The texts of posters and certificates. The drawing modules are loaded only when one is drawn."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Sheet:
    """The size of a poster. Called with a number of units (about hundredths of the width), it returns pixels."""

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
    """The texts of a poster."""

    title: str
    text: str
    when: str
    place: str
    station: str
    phone: str
    over: str = ""  # the reason why the activity is over: 活动已取消


@dataclass(frozen=True)
class CertificateText:
    """The texts of a certificate."""

    name: str
    served_minutes: int
    records: int
    stars: int
    first_day: date
    last_day: date
    station: str
    issued_day: date
    code: str
    address: str  # URL that verifies the code


def day_in_words(day: date) -> str:
    """Return a day in words: 2026年3月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def hours_in_words(minutes: int) -> str:
    """Return a number of minutes in words: 12小时30分钟."""
    whole, rest = divmod(minutes, 60)
    return (f"{whole}小时" if whole else "") + (f"{rest}分钟" if rest or not whole else "")
