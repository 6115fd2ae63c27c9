"""A party: who is to come together, themselves, members of their household, and others known by a name alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.domain import households
from server.errors import AccountHolderRequired, NotFound, PartyTooLarge
from server.models import Activity, Attendee, Person
from server.models.fields import new_id


@dataclass(frozen=True)
class Companion:
    """Somebody without a phone who comes along."""

    name: str
    birth_year: int


@dataclass(frozen=True)
class PartyRequest:
    """Who wants to come, and what they answer to what is asked.

    Of the attendees None is the person themselves, and a number the id of somebody of their household.
    """

    attendees: Sequence[int | Companion | None] = (None,)
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Party:
    """A seat for each, in the order they were named; `holder` answers for all of them.

    `places` are theirs in the list that was sent. Those known by an account come with their homes.
    """

    seats: Sequence[Attendee]
    holder: Person
    positions: Sequence[int]

    @property
    def size(self) -> int:
        return len(self.seats)

    @property
    def people(self) -> list[Person]:
        return [one.person for one in self.seats if one.person is not None]

    def require_size(self, activity: Activity) -> None:
        """PartyTooLarge when there are not so many seats at all, or not for one booking."""
        most = min(activity.party_most, activity.seats)
        if self.size > most:
            raise PartyTooLarge(limit=most)


async def build(wanted: PartyRequest, person_id: int) -> Party:
    """The party of the person; whoever is named twice has one seat.

    Raises AccountHolderRequired when it is all names, NotFound for an id of nobody they live with.
    """
    named = _unique(wanted, person_id)
    ids = [one for one in named.values() if not isinstance(one, Companion)]
    if not ids:
        raise AccountHolderRequired
    await _require_same_household(set(ids) - {person_id}, person_id)
    known = {one.id: one for one in await Person.filter(id__in=ids).select_related("home")}
    # Read by their ids they come in the order they were named.
    numbered = zip(sorted(new_id() for _ in named), named.values(), strict=True)
    seats = [_seat(number, one, known) for number, one in numbered]
    return Party(seats, known.get(person_id) or known[ids[0]], list(named))


def _unique(wanted: PartyRequest, person_id: int) -> dict[int, int | Companion]:
    """Who is to come, by their places in the list. Of two companions called the same each is one."""
    named: dict[int, int | Companion] = {}
    for place, told in enumerate(wanted.attendees):
        one = person_id if told is None else told
        if isinstance(one, Companion) or one not in named.values():
            named[place] = one
    return named


def _seat(number: int, one: int | Companion, known: Mapping[int, Person]) -> Attendee:
    if isinstance(one, Companion):
        return Attendee(id=number, person=None, name=one.name, birth_year=one.birth_year)
    return Attendee(id=number, person=known[one])


async def _require_same_household(others: set[int], person_id: int) -> None:
    if not others:
        return
    household_id = await households.of(person_id)
    members = await households.members(household_id) if household_id is not None else []
    # Whether an id is anybody's at all is not told.
    if strangers := others - set(members):
        raise NotFound(kind="person", ids=sorted(strangers))
