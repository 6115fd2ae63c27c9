"""Parties: the people who come together, with an account, from the same household, or by name only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.database import db, rows
from server.domain import households
from server.errors import AccountHolderRequired, NotFound, PartyTooLarge
from server.models import Activity, Attendee, Person
from server.models.fields import new_id


@dataclass(frozen=True)
class Companion:
    """A person without an account who comes along."""

    name: str
    birth_year: int


@dataclass(frozen=True)
class PartyRequest:
    """The attendees and their answers to the activity's questions.

    An attendee is None for the person who books, the id of a household member, or a Companion.
    """

    attendees: Sequence[int | Companion | None] = (None,)
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Party:
    """A seat for each attendee, in the order they were named, and the person who answers for the booking.

    `positions` are the attendees' indexes in the request. `booked`: the people with a seat at the activity already.
    """

    seats: Sequence[Attendee]
    holder: Person
    positions: Sequence[int]
    booked: frozenset[int]

    @property
    def size(self) -> int:
        return len(self.seats)

    @property
    def people(self) -> list[Person]:
        return [one.person for one in self.seats if one.person is not None]

    def require_size(self, activity: Activity) -> None:
        """Raise PartyTooLarge if the activity, or one booking of it, has fewer seats."""
        most = min(activity.max_party_size, activity.seats)
        if self.size > most:
            raise PartyTooLarge(limit=most)


# What a booking needs of the people of its party, and whether they have a seat at the activity.
_PEOPLE = """
SELECT id, name, birth_year, home_id, EXISTS (
 SELECT 1 FROM attendee WHERE activity_id = ? AND person_id = person.id AND current = 1) booked
FROM person WHERE id IN ({ids})
"""


async def build(activity_id: int, request: PartyRequest, person_id: int) -> Party:
    """Return the party that the person asks for; a person named twice gets one seat.

    Raises AccountHolderRequired if nobody in it has an account, NotFound for an id from outside the household.
    """
    named = _unique(request, person_id)
    ids = [one for one in named.values() if not isinstance(one, Companion)]
    if not ids:
        raise AccountHolderRequired
    await _require_same_household(set(ids) - {person_id}, person_id)
    _, read = await db.execute(_PEOPLE.format(ids=db.placeholders(ids)), [activity_id, *ids])
    known = {row["id"]: rows.of(Person, row) for row in read}
    # Sorted ids keep the attendees in the order in which they were named.
    numbered = zip(sorted(new_id() for _ in named), named.values(), strict=True)
    seats = [_seat(number, one, known) for number, one in numbered]
    booked = frozenset(row["id"] for row in read if row["booked"])
    return Party(seats, known.get(person_id) or known[ids[0]], list(named), booked)


def _unique(request: PartyRequest, person_id: int) -> dict[int, int | Companion]:
    """Return the attendees by their positions, without repeated people; companions of one name are different people."""
    named: dict[int, int | Companion] = {}
    for place, attendee in enumerate(request.attendees):
        one = person_id if attendee is None else attendee
        if isinstance(one, Companion) or one not in named.values():
            named[place] = one
    return named


def _seat(number: int, one: int | Companion, known: Mapping[int, Person]) -> Attendee:
    if isinstance(one, Companion):
        seat = rows.new(Attendee, id=number, name=one.name, birth_year=one.birth_year)
        seat.person = None
    else:
        seat = rows.new(Attendee, id=number, person_id=one)
        seat.person = known[one]
    return seat


async def _require_same_household(others: set[int], person_id: int) -> None:
    if not others:
        return
    household_id = await households.of(person_id)
    members = await households.members(household_id) if household_id is not None else []
    # The answer does not show whether an id exists.
    if strangers := others - set(members):
        raise NotFound(kind="person", ids=sorted(strangers))
