"""Subjects of stored answers: a repeated request gets its answer only while the caller may still read the subject.

Every POST with an Idempotency-Key declares one of these. The checks are those of reading the subject. At a station,
the answers are for its workers: an officer who once worked there reads less.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from tortoise.models import Model

from server.domain import accounts, households, role_offers, roles, staff
from server.domain.bookings import access as bookings
from server.domain.bookings import offers
from server.domain.check_ins import stewards
from server.domain.complaints import queries as complaints
from server.domain.duty import queries as duty
from server.domain.joinings import queries as joinings
from server.domain.needs import referrals, resident_queries, staff_queries
from server.domain.orders import queries as orders
from server.domain.tasks import dispute_queries, volunteer_queries
from server.handlers.http.auth import Caller
from server.handlers.http.subject import Subject
from server.models import (
    Activity,
    Booking,
    Donation,
    EarningRule,
    Good,
    NoShow,
    Order,
    PublicNotice,
    Task,
    Team,
    Venue,
    Volunteer,
)


def _person(read: Callable[[int, int], Awaitable[object]]) -> Callable[[int, Caller, datetime], Awaitable[object]]:
    """Return a check that reads the subject as the person."""
    return lambda subject_id, caller, _now: read(subject_id, caller.person_id)


def _staff(read: Callable[..., Awaitable[object]]) -> Callable[[int, Caller, datetime], Awaitable[object]]:
    """Return a check that reads the subject with the caller's scope as staff."""
    return lambda subject_id, caller, _now: read(subject_id, by=caller.scope)


def _worker(model: type[Model], station: str = "station") -> Callable[[int, Caller, datetime], Awaitable[object]]:
    """Return a check that the caller works for the station of the row."""
    return lambda row_id, caller, _now: staff.require_worker(model, row_id, by=caller.scope, station=station)


# The answer tells the caller only about themselves, and stays theirs: their profile, points, minutes, certificates.
OWN = Subject("person")
# The answer has ids, states and numbers, and no words or names. The endpoint's roles are enough.
OUTCOME = Subject("person")

NEED = Subject("need", _person(resident_queries.get_need))
BOOKING = Subject("booking", _person(bookings.require_concerned))
SEAT_OFFER = Subject("offer", _person(offers.get))
ORDER = Subject("order", _person(orders.get_for_person))
TASK = Subject("task", _person(volunteer_queries.require_known))
DISPUTE = Subject("task", _person(dispute_queries.get_for_party))
STEWARDED = Subject("activity", _person(stewards.require_staff_or_post))


def _oldest_member(reply: Any) -> int:
    return int(reply.members[0].person_id)


# A household has no id outside: it is known by the member who has belonged to it longest.
HOUSEHOLD = Subject("member", _person(households.require_member_with), _oldest_member)

COUNTER_NEED = Subject(
    "need", lambda need_id, caller, now: staff_queries.get_for_slip(need_id, by=caller.scope, now=now)
)
STATION_NEED = Subject("need", _staff(staff_queries.get_need))
RETURNED_NEED = Subject("need", _staff(referrals.require_returned))
STATION = Subject("station", _staff(staff.require_station))
ROLE = Subject("role", _staff(roles.get_visible))
ROLE_OFFER = Subject("offer", _staff(role_offers.get_visible))
ACCEPTED_ROLE = Subject("offer", _person(role_offers.get_accepted))
SHUT_OUT = Subject("shut_out", _staff(accounts.get_visible))
OWN_COMPLAINT = Subject("complaint", _person(complaints.get_own))
COMPLAINT = Subject("complaint", _staff(complaints.get_answerable))
JOINING = Subject("joining", _staff(joinings.get_visible))
DUTY_SHIFT = Subject("shift", _staff(duty.require_visible))

STATION_ACTIVITY = Subject("activity", _worker(Activity))
STATION_BOOKING = Subject("booking", _worker(Booking, "activity__station"))
DONATION = Subject("donation", _worker(Donation))
EARNING_RULE = Subject("rule", _worker(EarningRule))
GOOD = Subject("good", _worker(Good))
NO_SHOW = Subject("no_show", _worker(NoShow))
PUBLIC_NOTICE = Subject("notice", _worker(PublicNotice))
STATION_ORDER = Subject("order", _worker(Order))
STATION_TASK = Subject("task", _worker(Task))
TEAM = Subject("team", _worker(Team))
VENUE = Subject("venue", _worker(Venue))
VOLUNTEER = Subject("volunteer", _worker(Volunteer))
