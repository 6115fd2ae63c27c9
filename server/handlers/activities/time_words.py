"""Times of an activity in words, for paper and calendars."""

from datetime import datetime

from server.domain.working_time import SHANGHAI

WEEKDAYS = "一二三四五六日"
# What people call a part of the day, and the hour it ends.
PARTS = ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))


def when_in_words(starts_at: datetime, ends_at: datetime) -> str:
    """The time as people say it, on two lines: 2026年3月13日（星期五）, 上午10:00至中午12:00."""
    begins, ends = starts_at.astimezone(SHANGHAI), ends_at.astimezone(SHANGHAI)
    first = f"{begins.year}年{_day(begins)}"
    if begins.date() == ends.date():
        return f"{first}\n{_hour(begins)}至{_hour(ends)}"
    year = f"{ends.year}年" if begins.year != ends.year else ""
    return f"{first}{_hour(begins)}\n至{year}{_day(ends)}{_hour(ends)}"


def _day(local: datetime) -> str:
    return f"{local.month}月{local.day}日（星期{WEEKDAYS[local.weekday()]}）"


def _hour(local: datetime) -> str:
    part = next(word for before, word in PARTS if local.hour < before)
    return f"{part}{(local.hour - 1) % 12 + 1 if local.hour else 0}:{local.minute:02d}"
