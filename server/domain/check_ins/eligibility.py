"""Whether an attendee may check in, by the state of their booking."""

from server.errors import BookingNotSeated, CheckInCancelled, Refusal
from server.models import Attendee, BookingStatus

WAITING = frozenset({BookingStatus.WAITING, BookingStatus.OFFERED})
SEATED = frozenset({BookingStatus.BOOKED, BookingStatus.ATTENDED})


def is_seated(attendee: Attendee) -> bool:
    """Return whether the attendee may check in: the booking has its seats and they are still in it."""
    return attendee.current == 1 and attendee.booking.status in SEATED


def refusal_for(attendee: Attendee) -> Refusal:
    """Return the refusal for an attendee who is not seated."""
    status = attendee.booking.status
    if status in WAITING:
        return BookingNotSeated(status=status, attendee=attendee.id)
    # A person who was taken out of a party is not in it, whatever became of the others.
    return CheckInCancelled(status=BookingStatus.CANCELLED if status in SEATED else status, attendee=attendee.id)


def require_seated(attendee: Attendee) -> None:
    """Raise BookingNotSeated for an attendee on the waiting list, CheckInCancelled for an ended booking."""
    if not is_seated(attendee):
        raise refusal_for(attendee)


def is_volunteer(attendee: Attendee) -> bool:
    """Return whether the attendee has a post: volunteers also check out, for their hours."""
    return attendee.booking.post_id is not None and attendee.person_id is not None


def name_of(attendee: Attendee) -> str:
    """Return the attendee's name: from the account, else as the person who booked wrote it."""
    own = attendee.person.name if attendee.person is not None else None
    return own or attendee.name or ""
