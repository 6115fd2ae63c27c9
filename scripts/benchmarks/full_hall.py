"""The result of a rush: the waiting list, answers while the activity is locked, and the next holder of a freed seat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.benchmarks import phones
from scripts.benchmarks.hall import API, SEATS, Hall
from scripts.benchmarks.phones import OK, Phone, Waited, request, waited
from scripts.benchmarks.serving import Instance

ASKED_WHILE_LOCKED, CANCELLED = 60, 30
PARTY = {"attendees": [{"me": True}, {"name": "李小明", "birth_year": 2018}]}


@dataclass(frozen=True)
class Line:
    """The results of all callers. `gaps` counts missing numbers, `out_of_order` counts numbers that were overtaken."""

    booked: int
    waiting: int
    booked_are_first: bool
    gaps: int
    out_of_order: int


def lined_up(link: Any, hall: Hall, people: Sequence[Phone]) -> Line:
    """The line as it stands in the database, beside when each was asked for and answered."""
    rows = _rows(
        link, "SELECT id, number, status FROM booking WHERE activity_id = %s ORDER BY number", hall.activity_id
    )
    numbers = {int(id_): int(number) for id_, number, _ in rows}
    statuses = [status for _, _, status in rows]
    gaps = len(people) - len(set(numbers.values()) & set(range(1, len(people) + 1)))
    return Line(
        booked=statuses.count("booked"),
        waiting=statuses.count("waiting"),
        booked_are_first=statuses[:SEATS] == ["booked"] * SEATS,
        gaps=gaps,
        out_of_order=_out_of_order(people, numbers),
    )


def _out_of_order(people: Sequence[Phone], numbers: dict[int, int]) -> int:
    """How many have a smaller number than somebody who was answered before they asked."""
    wrong, highest = 0, 0
    answered = sorted(people, key=lambda one: one.answered)
    done = 0
    for one in sorted(people, key=lambda one: one.asked):
        while answered[done].answered < one.asked:
            highest = max(highest, numbers[answered[done].body["id"]])
            done += 1
        wrong += numbers[one.body["id"]] < highest
    return wrong


async def while_locked(link: Any, instances: Sequence[Instance], hall: Hall) -> dict[str, Waited]:
    """How long people wait who read or are refused while somebody else has the activity's row locked."""
    path = f"{API}/activities"
    asked: dict[str, tuple[int, Callable[[int], bytes]]] = {
        "the list, locked": (200, lambda _: request(path, method="GET")),
        "its page, locked": (200, lambda _: request(f"{path}/{hall.activity_id}", method="GET")),
        "one's bookings, locked": (200, lambda number: request(f"{API}/bookings", hall.tokens[number], method="GET")),
        "booked already, locked": (409, lambda number: hall.booking(number, f"again-{number:06}")),
        "a party too large, locked": (409, lambda number: hall.booking(number, f"party-{number:06}", **PARTY)),
    }
    found = {}
    with link.cursor() as cursor:
        cursor.execute("SELECT id FROM activity WHERE id = %s FOR UPDATE", [hall.activity_id])
        for name, (status, ask) in asked.items():
            requests = [ask(number) for number in range(ASKED_WHILE_LOCKED)]
            async with phones.connected([one.port for one in instances], len(requests)) as people:
                for one, said in zip(people, requests, strict=True):
                    await one.ask(said)
            assert {one.status for one in people} == {status}, (name, people[0])
            found[name] = waited(people)
    link.rollback()
    return found


@dataclass(frozen=True)
class Cancelled:
    """How long those waited who cancelled; `offered`: whose seat was the next person's when they were answered."""

    waited: Waited
    count: int
    offered: int


async def cancelled(link: Any, instances: Sequence[Instance], hall: Hall, people: Sequence[Phone]) -> Cancelled:
    mine = [(number, one.body["id"]) for number, one in enumerate(people) if one.body["status"] == "booked"][:CANCELLED]
    offered = 0
    async with phones.connected([one.port for one in instances], len(mine)) as phones_:
        for turn, (one, (number, booking_id)) in enumerate(zip(phones_, mine, strict=True), start=1):
            path = f"{API}/bookings/{booking_id}/cancellation"
            await one.ask(request(path, hall.tokens[number], f"cancel-{number:06}", {}))
            assert one.status in OK, one.body
            next_one = "SELECT COUNT(*) FROM booking b JOIN seat_offer o ON o.booking_id = b.id AND o.open = 1"
            where = " WHERE b.activity_id = %s AND b.number = %s AND b.status = 'offered'"
            link.commit()
            offered += _rows(link, next_one + where, hall.activity_id, SEATS + turn)[0][0]
    return Cancelled(waited(phones_), len(mine), offered)


def _rows(link: Any, query: str, *values: Any) -> Any:
    with link.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
