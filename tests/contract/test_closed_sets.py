"""Closed sets of the contract have a name and every member; only methods that a client can send are declared."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miniprogram_contract.needs_staff import NeedEventKind
from miniprogram_contract.policies import PolicyName, PolicyUnit
from miniprogram_contract.roles import StandInCapacity
from miniprogram_contract.tasks_staff import TaskEventKind
from miniprogram_contract.wordings import WordingName
from server.domain import policies, wordings
from server.handlers.http.openapi import document
from server.models import StandIn

DOMAIN = Path(__file__).parents[2] / "server" / "domain"


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return document()


def _inside(part: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object inside the part with its place."""
    if isinstance(part, dict):
        yield place, part
        for name, inner in part.items():
            yield from _inside(inner, f"{place}/{name}")
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _inside(inner, f"{place}/{number}")


def _schemas(told: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in told["components"]["schemas"].items():
        named = {key: value for key, value in schema.items() if key != "enum"}
        yield from _inside(named, name)
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            yield from _inside(operation.get("parameters", []), f"{method} {path}")


def test_operations_use_only_methods_a_client_can_send(told):
    methods = {method for operations in told["paths"].values() for method in operations}

    assert methods == {"get", "post", "put", "delete"}


def test_every_operation_has_a_sentence_as_summary(told):
    without = [
        operation["operationId"]
        for operations in told["paths"].values()
        for operation in operations.values()
        if operation["summary"].lower() == operation["operationId"].replace("_", " ")
    ]

    assert without == []


def test_every_closed_set_has_a_name(told):
    assert [place for place, schema in _schemas(told) if "enum" in schema] == []


def test_no_field_is_either_a_form_or_an_empty_string(told):
    empty = [{"const": "", "type": "string"}, {"const": ""}]

    assert [place for place, schema in _schemas(told) if any(one in schema.get("anyOf", []) for one in empty)] == []


def test_no_type_is_named_after_its_direction_or_shape(told):
    names = told["components"]["schemas"]

    assert [name for name in names if name.endswith(("Shape", "-Input", "-Output"))] == []


def test_every_list_has_the_same_page_limit(told):
    limits = {
        (one["schema"]["default"], one["schema"]["maximum"])
        for operations in told["paths"].values()
        for operation in operations.values()
        for one in operation.get("parameters", [])
        if one.get("name") == "limit"
    }

    assert limits == {(20, 50)}


def _kinds(folder: str) -> set[str]:
    """The kinds of timeline lines written in the folder's modules."""
    return {
        call.args[0].value
        for module in sorted((DOMAIN / folder).glob("*.py"))
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("TimelineEntry") and call.args
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }


def test_every_kind_of_a_timeline_is_in_its_set():
    # A task's minutes are offered before it exists: its need's timeline has these two.
    offers = {"minutes_offered", "offer_withdrawn"}
    of_tasks = (_kinds("tasks") | _kinds("service_records")) - offers

    assert of_tasks
    assert of_tasks <= set(TaskEventKind)
    assert _kinds("needs") | _kinds("satisfaction") | offers | {f"task_{kind}" for kind in of_tasks} <= set(
        NeedEventKind
    )


def test_policies_and_their_units_are_in_their_sets():
    assert list(policies.POLICIES) == [str(name) for name in PolicyName]
    assert {rule.unit for rule in policies.POLICIES.values()} == {str(unit) for unit in PolicyUnit}


def test_capacities_of_stand_ins_are_in_their_set():
    assert {str(one) for one in StandIn} == {str(one) for one in StandInCapacity}


def test_wordings_are_in_their_set():
    assert list(wordings.WORDINGS) == [str(name) for name in WordingName]
