"""Calendar entries, read back as a phone reads them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from server.adapters.calendar_entry import Entry, entry_file, one_line

STARTS = datetime(2026, 3, 13, 2, 0, tzinfo=UTC)
ENTRY = Entry(
    uid="booking-7@luzhou-social-work-stations",
    revision=3,
    status="CONFIRMED",
    starts_at=STARTS,
    ends_at=STARTS + timedelta(hours=2),
    title="免费体检，带上“身份证”",
    place="邻玉街道社工站一楼",
    text="邻玉社工站，电话：0830-2000000\n如不能参加，请取消报名。",
    written_at=datetime(2026, 3, 10, 2, 0, tzinfo=UTC),
)


def read(entry: Entry):
    calendar = Calendar.from_ical(entry_file(entry))
    [event] = calendar.walk("VEVENT")
    return event


def test_a_phone_reads_what_it_is_and_when_and_where():
    event = read(ENTRY)

    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (ENTRY.uid, 3, "CONFIRMED")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (ENTRY.starts_at, ENTRY.ends_at)
    assert (event["SUMMARY"], event["LOCATION"]) == (ENTRY.title, ENTRY.place)
    assert event["DESCRIPTION"] == ENTRY.text


def test_the_file_is_one_that_every_calendar_takes():
    calendar = Calendar.from_ical(entry_file(ENTRY))

    assert (calendar["VERSION"], calendar["METHOD"], calendar["PRODID"][:4]) == ("2.0", "PUBLISH", "-//L")
    assert b"DTSTART:20260313T020000Z\r\n" in entry_file(ENTRY)
    assert all(len(line) <= 75 for line in entry_file(ENTRY).split(b"\r\n"))


def test_entry_rings_two_hours_before():
    [alarm] = read(ENTRY).walk("VALARM")

    assert (alarm["ACTION"], alarm["TRIGGER"].dt, alarm["DESCRIPTION"]) == ("DISPLAY", timedelta(hours=-2), ENTRY.title)


@pytest.mark.parametrize("status", ["CANCELLED", "TENTATIVE"])
def test_cancelled_or_uncertain_entry_does_not_ring(status):
    event = read(replace(ENTRY, status=status))

    assert (event["STATUS"], event.walk("VALARM")) == (status, [])


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028", "\u2029", "\x0b", "\x0c", "\x85", "\x00"])
def test_no_title_writes_a_line_of_its_own(end):
    evil = f"体检{end}ATTENDEE:mailto:x@example.org{end}END:VEVENT"

    event = read(replace(ENTRY, title=evil, place=evil, text=evil))

    assert "ATTENDEE" not in event
    assert event["SUMMARY"] == event["LOCATION"] == "体检 ATTENDEE:mailto:x@example.org END:VEVENT"


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_is_written_comes_out_as_one_event_with_its_own_fields(title, text):
    event = read(replace(ENTRY, title=title, place=title, text=text))

    assert set(event) == {
        "UID", "SEQUENCE", "STATUS", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION",
    }  # fmt: skip
    assert event["SUMMARY"] == one_line(title)


def test_rare_characters_and_signs_stay():
    assert one_line("𠮷祥村\U0003105a 一楼; a,b \\n 👵") == "𠮷祥村\U0003105a 一楼; a,b \\n 👵"
    assert one_line("  两\t行\n字 ") == "两 行 字"
