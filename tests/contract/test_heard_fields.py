"""Every field in which a resident writes is searched for words of crisis, or has a reason here."""

import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, BeforeValidator

import server.handlers.http.registry  # noqa: F401 - declares every path
from miniprogram_contract import base
from miniprogram_contract.emergency import HeardReply
from server.handlers.http.auth import Roles
from server.handlers.http.endpoint import ENDPOINTS, Endpoint

RESIDENTS = (Roles.SIGNED_IN, Roles.ANYONE)
CODE = "scanned or copied, not written"
# Fields of free text that are not searched, with the reason.
NOT_HEARD = {
    ("NewCheckIn", "code"): CODE,
    ("NewCheckOut", "code"): CODE,
    ("AttendeeSelection", "ticket"): CODE,
    ("NewScans", "roster"): CODE,
    ("NewScans", "scans"): CODE,
    ("NewMembership", "code"): CODE,
    ("RoleAcceptance", "code"): CODE,
    ("NewSession", "code"): CODE,
    ("NewSession", "device"): "the mini-program names the phone, and nobody is signed in yet",
}


def _is_free_text(annotation: Any, metadata: Any = ()) -> bool:
    """Return whether a value of the type may hold text as `prose` and `line` take it."""
    if any(isinstance(one, BeforeValidator) and one.func is base._clean for one in metadata):
        return True
    if hasattr(annotation, "__metadata__"):
        return _is_free_text(annotation.__origin__, annotation.__metadata__)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bool(list(_free_fields(annotation)))
    return any(_is_free_text(inner) for inner in typing.get_args(annotation))


def _free_fields(shape: type[BaseModel]) -> Iterator[str]:
    for name, field in shape.model_fields.items():
        if _is_free_text(field.annotation, field.metadata):
            yield name


def _of_residents() -> list[Endpoint]:
    return [one for one in ENDPOINTS if one.body is not None and one.roles in RESIDENTS and not one.reads_plea]


@pytest.mark.parametrize("endpoint", _of_residents(), ids=lambda one: f"{one.method} {one.path}")
def test_every_text_of_a_resident_is_heard_or_has_a_reason(endpoint: Endpoint):
    free = set(_free_fields(endpoint.body))

    excused = {name for name in free if (endpoint.body.__name__, name) in NOT_HEARD}
    assert free - excused == set(endpoint.hears)


def test_every_excuse_is_still_needed():
    there = {(one.body.__name__, name) for one in _of_residents() for name in _free_fields(one.body)}

    assert set(NOT_HEARD) <= there


def test_paths_that_file_needs_read_pleas():
    filing = {one.path for one in ENDPOINTS if one.reads_plea}

    assert filing == {"/needs", "/station/needs"}


def test_every_reply_to_what_is_heard_may_say_whom_to_call():
    heard = [one for one in ENDPOINTS if one.hears or one.reads_plea]

    assert heard
    assert all(issubclass(one.reply_type, HeardReply) for one in heard)
