"""The types of the contract as JSON Schema."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core.core_schema import ModelSchema

from miniprogram_contract.emergency import EmergencyHelp
from server.handlers.http.endpoint import Endpoint
from server.handlers.http.openapi.descriptions import sentences
from server.handlers.http.raw_response import RawResponse

Refs = Mapping[tuple[Any, JsonSchemaMode], dict[str, Any]]
PLACE = "#/components/schemas/"


class _Plain(GenerateJsonSchema):
    """JSON Schema without generated titles. A reply always has all its fields, so it has no defaults."""

    def model_schema(self, schema: ModelSchema) -> dict[str, Any]:
        result = super().model_schema(schema)
        for name, words in sentences(schema["cls"]).items():
            result["properties"][name].setdefault("description", words)
        return result

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic asks so
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

    def default_schema(self, schema: Any) -> dict[str, Any]:
        result = super().default_schema(schema)
        # A default of null only repeats that the field may be left out.
        if self.mode == "serialization" or result.get("default", ...) is None:
            result.pop("default", None)
        return result

    def normalize_name(self, name: str) -> str:
        return super().normalize_name(name.replace("[", "Of").replace("]", ""))


def schemas(declared: Sequence[Endpoint]) -> tuple[dict[str, Any], Refs]:
    """Return every type by its name, and references to the types of bodies and queries (`validation`) and replies."""
    # Any refusal may hold the emergency numbers.
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(EmergencyHelp, "serialization")]
    for one in declared:
        wanted += [(shape, "validation") for shape in (one.body, one.query) if shape]
        wanted += [(one.reply_type, "serialization")] if one.reply is not RawResponse else []
    wanted = sorted(set(wanted), key=lambda each: (each[0].__name__, each[1]))
    refs, definitions = models_json_schema(wanted, ref_template=PLACE + "{model}", schema_generator=_Plain)
    shapes: dict[str, Any] = definitions.get("$defs", {})
    for (shape, _), ref in refs.items():
        _describe(shapes[named(ref)], shape)
    for result in shapes.values():
        result.pop("title", None)
    return shapes, refs


def named(ref: Mapping[str, str]) -> str:
    """Return the name of the type that a reference points to."""
    return ref["$ref"].removeprefix(PLACE)


def _describe(result: dict[str, Any], shape: Any) -> None:
    """Describe a page with the docstring of `Page`, which pydantic does not copy to `Page[T]`."""
    made_from = shape.__pydantic_generic_metadata__["origin"]
    if made_from is not None and made_from.__doc__:
        result.setdefault("description", made_from.__doc__)


def query_parameters(shape: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of a query's type as parameters."""
    required = shape.get("required", [])
    return [_parameter(name, field, name in required) for name, field in shape.get("properties", {}).items()]


def _parameter(name: str, field: Mapping[str, Any], required: bool) -> dict[str, Any]:
    schema = _without_null(field)
    parameter: dict[str, Any] = {"name": name, "in": "query", "required": required}
    if description := schema.pop("description", None):
        parameter["description"] = description
    return parameter | {"schema": schema}


def _without_null(field: Mapping[str, Any]) -> dict[str, Any]:
    """Remove null from the types of a field: a query leaves the name out instead."""
    result = dict(field)
    kinds = [kind for kind in result.pop("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        return {**kinds[0], **result}
    return {**result, "anyOf": kinds} if kinds else result
