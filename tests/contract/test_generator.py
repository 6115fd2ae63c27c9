"""The document says what the declarations say."""

from typing import Annotated

import pytest
from pydantic import Field

from miniprogram_contract.base import ContractModel, Empty, Id, Page, Phone
from server.errors import HomeRequired, InvalidNeedState, PhotosBusy
from server.handlers.http.auth import Roles
from server.handlers.http.endpoint import RateLimit
from server.handlers.http.openapi import document
from server.handlers.http.raw_response import RawResponse
from tests.contract.declared import declared, handler, told


class Thing(ContractModel):
    """A thing."""

    id: Id
    note: str | None = None


class House(ContractModel):
    """A house."""

    floors: int
    """Counted from the street."""
    phone: Phone
    door: str = ""


class Tower(House):
    """A tower."""

    floors: int
    """Counted from the cellar."""
    door: str = Field("", description="Which of them")
    """Not this."""
    beside: Thing | None = None
    """
    What stands there,
    if anything.
    """


class Wanted(ContractModel):
    after: Annotated[str, Field(max_length=9)] | None = Field(None, description="Where to go on")
    sizes: list[int] = Field(default=[])
    place: str


def test_id_in_a_path_has_limits():
    [parameter] = told(declared("GET", "/things/<thing_id:int>", reply=Thing))["parameters"]

    assert (parameter["in"], parameter["name"], parameter["required"]) == ("path", "thing_id", True)
    assert parameter["schema"] == {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("str", {"type": "string", "minLength": 1}),
        ("[A-Z]+", {"type": "string", "minLength": 1, "pattern": "^(?:[A-Z]+)$"}),
    ],
)
def test_other_values_in_a_path_are_texts(kind: str, schema: dict):
    [parameter] = told(declared("GET", f"/things/<code:{kind}>", reply=Thing))["parameters"]

    assert parameter["schema"] == schema


def test_query_becomes_parameters_without_null():
    parameters = {one["name"]: one for one in told(declared("GET", "/things", reply=Thing, query=Wanted))["parameters"]}

    assert parameters["after"]["schema"] == {"type": "string", "maxLength": 9}
    assert parameters["after"]["description"] == "Where to go on"
    assert parameters["sizes"]["schema"] == {"type": "array", "items": {"type": "integer"}, "default": []}
    assert [name for name, one in parameters.items() if one["required"]] == ["place"]


def test_query_type_is_no_schema():
    schemas = document([declared("GET", "/things", reply=Thing, query=Wanted)])["components"]["schemas"]

    assert {name for name in schemas if not name.endswith("Refusal")} == {
        "Thing",
        "EmergencyHelp",
        "EmergencyPhone",
        "WrongField",
        "WrongLine",
    }


def test_idempotent_operation_takes_a_key():
    key = {"$ref": "#/components/parameters/Idempotency-Key"}

    assert key in told(declared("POST", "/things", reply=Thing))["parameters"]
    assert "parameters" not in told(declared("POST", "/things", reply=Thing, idempotent=False))


def test_a_reply_always_has_all_its_fields_and_a_body_may_leave_some_out():
    shapes = document([declared("PUT", "/things", reply=Page[Thing], body=Thing, status=201)])["components"]["schemas"]

    assert shapes["Thing-Input"]["required"] == ["id"]
    assert shapes["Thing-Output"]["required"] == ["id", "note"]
    assert shapes["PageOfThing"]["required"] == ["items", "next"]
    assert shapes["PageOfThing"]["description"] == Page.__doc__


@pytest.mark.parametrize(
    ("shape", "sentences"),
    [
        (House, {"floors": "Counted from the street.", "door": None}),
        (Tower, {"floors": "Counted from the cellar.", "door": "Which of them"}),
        (Tower, {"beside": "What stands there,\nif anything."}),
    ],
)
def test_docstring_below_a_field_describes_it(shape: type[ContractModel], sentences: dict):
    fields = document([declared("GET", "/houses", reply=Page[shape])])["components"]["schemas"][shape.__name__]

    assert {name: fields["properties"][name].get("description") for name in sentences} == sentences
    assert fields["properties"]["phone"]["description"].startswith("Mobile or landline")


def test_refusals_are_listed_by_status_with_codes_and_texts():
    said = document([declared("PUT", "/things", reply=Thing, refuses=(HomeRequired, InvalidNeedState))])
    [operation] = said["paths"]["/api/v1/things"].values()
    name = operation["responses"]["409"]["$ref"].rpartition("/")[2]
    content = said["components"]["responses"][name]["content"]["application/json"]

    assert content["schema"]["oneOf"] == [
        {"$ref": "#/components/schemas/HomeRequiredRefusal"},
        {"$ref": "#/components/schemas/InvalidStateRefusal"},
    ]
    assert InvalidNeedState.message in said["components"]["responses"][name]["description"]
    assert said["components"]["examples"]["home_required"]["value"]["message"] == HomeRequired.message


def test_refusal_with_a_wait_has_retry_after():
    said = document([declared("PUT", "/things", reply=Thing, refuses=(PhotosBusy,))])["components"]["responses"]

    assert {name[:3] for name, response in said.items() if "headers" in response} == {"429", "503"}


def test_raw_response_has_its_content_type():
    page = told(declared("GET", "/page", reply=RawResponse, content_type="text/html"))["responses"]["200"]["content"]
    picture = told(declared("GET", "/picture", reply=RawResponse, content_type="image/jpeg"))["responses"]["200"][
        "content"
    ]

    assert page == {"text/html": {"schema": {"type": "string"}}}
    assert picture == {"image/jpeg": {}}


def test_upload_is_a_multipart_form():
    content = told(declared("POST", "/photos", reply=Thing, upload=True))["requestBody"]["content"]

    assert content["multipart/form-data"]["schema"]["required"] == ["photo"]


def test_only_public_paths_need_no_token():
    assert told(declared("GET", "/things", reply=Thing, roles=Roles.ANYONE))["security"] == []
    assert told(declared("GET", "/things", reply=Thing, roles=Roles.CITY_OFFICER))["security"] == [{"bearer": []}]


@pytest.mark.parametrize(
    ("docstring", "summary", "description"),
    [
        (None, "Look around", ""),
        ("See it.", "See it", ""),
        ("See it. Once\n    a day.", "See it", "Once a day."),
        ("See " + "it " * 40 + "all.", "Look around", "See " + "it " * 40 + "all."),
    ],
)
def test_long_docstring_becomes_the_description(docstring: str | None, summary: str, description: str):
    said = told(declared("GET", "/things", reply=Thing, handler=handler("look_around", docstring)))

    assert (said["summary"], said.get("description", "")) == (summary, description)


def test_limit_of_its_own_is_described():
    said = told(declared("GET", "/things", reply=Thing, limit=RateLimit(most=20, seconds=60)))

    assert said["description"] == "At most 20 calls in 60 seconds."


def test_order_of_declarations_does_not_matter():
    many = [
        declared("GET", "/things", reply=Page[Thing], handler=handler("list_things")),
        declared("PUT", "/things", reply=Empty, body=Thing, handler=handler("change_things")),
        declared("GET", "/people", reply=Thing, handler=handler("list_people", module="server.handlers.session")),
    ]

    assert document(many) == document(many[::-1])
    assert [tag["name"] for tag in document(many)["tags"]] == ["session", "me"]


def test_two_handlers_of_one_name_are_refused():
    with pytest.raises(AssertionError, match="look"):
        document([declared("GET", "/things", reply=Thing), declared("GET", "/people", reply=Thing)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"reply": RawResponse},
        {"reply": Thing, "content_type": "text/html"},
        {"reply": Thing, "roles": Roles.ANYONE},
        {"reply": RawResponse, "content_type": "text/html"},
    ],
    ids=["shown as what", "a shape is JSON", "whose key", "a key's answer is JSON"],
)
def test_impossible_declaration_is_refused(wrong: dict):
    with pytest.raises(AssertionError, match="/things"):
        declared("POST", "/things", **wrong)
