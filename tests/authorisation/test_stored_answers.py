"""A repeated request gets its stored answer while the caller may read what it is about, and not after.

The table of operations gives a request for every POST with an Idempotency-Key.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from pydantic import BaseModel

from server.database import db
from server.domain import roles
from server.handlers import subjects
from server.handlers.http import ENDPOINTS, Endpoint, Roles
from server.models import Role, RoleKind
from tests.authorisation.requests import reply_for
from tests.authorisation.row import PERSONAS
from tests.authorisation.table import TABLE
from tests.conftest import CLOCK
from tests.sides import Side, two_sides

STAFF = ("worker", "head", "other", "county", "city")


def operation_of(endpoint: Endpoint) -> str:
    """Return the name under which the table has the endpoint."""
    steps = [f"{{{step[1:].partition(':')[0]}}}" if step.startswith("<") else step for step in endpoint.path.split("/")]
    return f"{endpoint.method} {'/'.join(steps)}"


def _caller(operation: str) -> str:
    """Return a persona who may do it, of those with the fewest rights."""
    statuses = TABLE[operation].statuses
    order = ("owner", "stranger", "neighbour", *STAFF, *PERSONAS)
    return next(persona for persona in order if persona != "nobody" and statuses[persona] in {200, 201})


@pytest.fixture
async def side(client, clock) -> Side:
    here, there = await two_sides(clock.now())
    here.elsewhere = there.station
    return here


async def test_every_repeated_request_gets_the_same_answer(client, side, clock):
    for operation in map(operation_of, filter(lambda one: one.idempotent, ENDPOINTS)):
        given, caller, key = await TABLE[operation].given(side), _caller(operation), uuid.uuid4().hex

        first = await reply_for(client, operation, given, side, caller, key=key)
        again = await reply_for(client, operation, given, side, caller, key=key)

        assert (again.status_code, again.text) == (first.status_code, first.text), operation
        assert first.is_success, f"{operation}: {first.text}"
        side.city.now = clock.forward(minutes=2)  # no rate limit is reached


def _of_staff() -> Iterator[Endpoint]:
    for one in ENDPOINTS:
        if one.idempotent and one.roles is not Roles.SIGNED_IN:
            yield one


async def test_no_stored_answer_is_given_after_the_role_ended(client, side, clock):
    for endpoint in _of_staff():
        operation = operation_of(endpoint)
        given, caller, key = await TABLE[operation].given(side), _caller(operation), uuid.uuid4().hex
        assert (await reply_for(client, operation, given, side, caller, key=key)).is_success, operation

        held = await _leave(side.people[caller])
        gone = await reply_for(client, operation, given, side, caller, key=key)
        await _work_at(side.elsewhere, side.people[caller], clock.now())
        elsewhere = await reply_for(client, operation, given, side, caller, key=key)
        await _return(side.people[caller], held)

        assert gone.status_code == 403, f"{operation}: {gone.text}"
        is_kept = endpoint.subject in WITHOUT_WORDS and endpoint.roles is Roles.STAFF
        assert elsewhere.status_code in ({200, 201} if is_kept else {403, 404}), f"{operation}: {elsewhere.text}"
        assert not is_kept or not [word for word in WORDS if word in elsewhere.text], operation
        side.city.now = clock.forward(minutes=2)  # no rate limit is reached


# A worker may always print the slip of a need that they entered: it has its state, and nothing of the person.
WITHOUT_WORDS = (subjects.OUTCOME, subjects.COUNTER_NEED)
WORDS = ("王秀英", "王奶奶", "1381234", "腿脚不便", "买药")


@db.transaction
async def end_roles(person_id: int, *, now: datetime) -> None:
    await roles.end_all(person_id, by=None, now=now)


async def _leave(person_id: int) -> list[int]:
    """End the person's roles as an officer does who shuts them out, and return their ids."""
    held = await Role.filter(person_id=person_id, current=1).values_list("id", flat=True)
    await end_roles(person_id, now=CLOCK.now())
    return held


async def _work_at(station, person_id, now):
    kind = RoleKind.SOCIAL_WORKER
    facts = {"scope": f"station:{station.id}", "station": station, "granted_at": now}
    await Role.create(person_id=person_id, kind=kind, **facts)


async def _return(person_id: int, held: list[int]) -> None:
    await Role.filter(person_id=person_id, current=1).delete()
    await Role.filter(id__in=held).update(current=1, ended_at=None)


# Words for a state, which are the same for everybody.
HARMLESS = {"status_words"}


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.subject is subjects.OUTCOME], ids=operation_of)
def test_answer_without_a_subject_has_no_words(endpoint):
    if endpoint.roles is not Roles.CITY_OFFICER:  # they edit what everybody reads: areas and categories
        assert set(_words(endpoint.reply_type)) <= HARMLESS


def _words(kind: type[Any]) -> Iterator[str]:
    """Return the names of the fields that hold text."""
    assert issubclass(kind, BaseModel)
    for name, declared in kind.model_fields.items():
        annotation = declared.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from _words(annotation)
        elif annotation is str or "str" in str(annotation):
            yield name


def test_answer_of_staff_is_never_their_own():
    assert not [one.path for one in ENDPOINTS if one.subject is subjects.OWN and one.roles is not Roles.SIGNED_IN]
