"""Entries for a phone's calendar, as an .ics file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal
from unicodedata import category

if TYPE_CHECKING:
    from icalendar import Alarm, Event

PRODUCT = "-//Luzhou social work stations//activities//ZH"
# Control characters, and what separates lines and paragraphs.
COMMANDS = {"Cc", "Zl", "Zp"}
REMIND_BEFORE = timedelta(hours=2)


@dataclass(frozen=True)
class Entry:
    """One event. `uid` never changes and `revision` grows with each change, so a phone updates its own entry."""

    uid: str
    revision: int
    status: Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    text: str
    written_at: datetime


def entry_file(entry: Entry) -> bytes:
    """The file, with an alarm two hours before for what is sure; times are in UTC, which every phone shows as
    its own.
    """
    from icalendar import Calendar  # imported here: loading takes a tenth of a second, and few requests need it

    calendar = Calendar()
    for name, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH"), ("calscale", "GREGORIAN")):
        calendar.add(name, value)
    calendar.add_component(_event(entry))
    file: bytes = calendar.to_ical()
    return file


def _event(entry: Entry) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.revision)
    event.add("status", entry.status)
    event.add("dtstamp", entry.written_at)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", one_line(entry.title))
    event.add("location", one_line(entry.place))
    event.add("description", "\n".join(map(one_line, entry.text.split("\n"))))
    if entry.status == "CONFIRMED":
        event.add_component(_alarm(entry))
    return event


def _alarm(entry: Entry) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -REMIND_BEFORE)
    alarm.add("description", one_line(entry.title))
    return alarm


def one_line(text: str) -> str:
    """Return the text without characters that a program may read as the end of a line or as a command."""
    return " ".join("".join(" " if category(letter) in COMMANDS else letter for letter in text).split())
