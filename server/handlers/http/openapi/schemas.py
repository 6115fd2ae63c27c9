"""The shapes of the contract as JSON Schema."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core.core_schema import ModelSchema

from server.handlers.http.endpoint import Endpoint
from server.handlers.http.openapi.descriptions import sentences
from server.handlers.http.raw_response import RawResponse

Refs = Mapping[tuple[Any, JsonSchemaMode], dict[str, Any]]
PLACE = "#/components/schemas/"


class _Plain(GenerateJsonSchema):
    """Without made-up titles; a reply always has all its fields, so there are no defaults in it."""

    def model_schema(self, schema: ModelSchema) -> dict[str, Any]:
        said = super().model_schema(schema)
        for name, words in sentences(schema["cls"]).items():
            said["properties"][name].setdefault("description", words)
        return said

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic asks so
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def default_schema(self, schema: Any) -> dict[str, Any]:
        said = super().default_schema(schema)
        # A default of null says only that the field may be left out; that it is not required says so already.
        if self.mode == "serialization" or said.get("default", ...) is None:
            said.pop("default", None)
        return said

    def normalize_name(self, name: str) -> str:
        return super().normalize_name(name.replace("[", "Of").replace("]", ""))


def schemas(declared: Sequence[Endpoint]) -> tuple[dict[str, Any], Refs]:
    """Every shape by its name, and references to those of bodies and queries (`validation`) and replies."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = []
    for one in declared:
        wanted += [(shape, "validation") for shape in (one.body, one.query) if shape]
        wanted += [(one.reply, "serialization")] if one.reply is not RawResponse else []
    wanted = sorted(set(wanted), key=lambda each: (each[0].__name__, each[1]))
    refs, definitions = models_json_schema(wanted, ref_template=PLACE + "{model}", schema_generator=_Plain)
    shapes: dict[str, Any] = definitions.get("$defs", {})
    for (shape, _), ref in refs.items():
        _describe(shapes[named(ref)], shape)
    for said in shapes.values():
        said.pop("title", None)
    return shapes, refs


def named(ref: Mapping[str, str]) -> str:
    """The name of the shape a reference leads to."""
    return ref["$ref"].removeprefix(PLACE)


def _describe(said: dict[str, Any], shape: Any) -> None:
    """A page of something is described as pages are; pydantic does not look at what it was made from."""
    made_from = shape.__pydantic_generic_metadata__["origin"]
    if made_from is not None and made_from.__doc__:
        said.setdefault("description", made_from.__doc__)


def query_parameters(shape: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields of a query's shape as parameters."""
    required = shape.get("required", [])
    return [_parameter(name, field, name in required) for name, field in shape.get("properties", {}).items()]


def _parameter(name: str, field: Mapping[str, Any], required: bool) -> dict[str, Any]:
    schema = _without_null(field)
    parameter: dict[str, Any] = {"name": name, "in": "query", "required": required}
    if description := schema.pop("description", None):
        parameter["description"] = description
    return parameter | {"schema": schema}


def _without_null(field: Mapping[str, Any]) -> dict[str, Any]:
    """A query has no way to say null: it leaves the name out."""
    said = dict(field)
    kinds = [kind for kind in said.pop("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        return {**kinds[0], **said}
    return {**said, "anyOf": kinds} if kinds else said
