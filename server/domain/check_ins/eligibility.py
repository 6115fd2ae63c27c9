"""What a booking is worth at the door."""

from server.errors import BookingNotSeated, CheckInCancelled, Refusal
from server.models import Attendee, BookingStatus

WAITING = frozenset({BookingStatus.WAITING, BookingStatus.OFFERED})
SEATED = frozenset({BookingStatus.BOOKED, BookingStatus.ATTENDED})


def is_seated(attendee: Attendee) -> bool:
    """Whether they may check in: their booking has its seats, and they were not taken out of it."""
    return attendee.current == 1 and attendee.booking.status in SEATED


def refusal_for(attendee: Attendee) -> Refusal:
    """What is told to who is not seated."""
    status = attendee.booking.status
    if status in WAITING:
        return BookingNotSeated(status=status, attendee=attendee.id)
    # A person who was taken out of a party is not in it, whatever became of the others.
    return CheckInCancelled(status=BookingStatus.CANCELLED if status in SEATED else status, attendee=attendee.id)


def require_seated(attendee: Attendee) -> None:
    """Refuse with BookingNotSeated who waits in line, with CheckInCancelled whose booking has ended."""
    if not is_seated(attendee):
        raise refusal_for(attendee)


def is_volunteer(attendee: Attendee) -> bool:
    """Whether they have a post here: they check out as well, for their hours."""
    return attendee.booking.post_id is not None and attendee.person_id is not None


def name_of(attendee: Attendee) -> str:
    """What they are called: by their account, else as whoever booked for them wrote it."""
    own = attendee.person.name if attendee.person is not None else None
    return own or attendee.name or ""
