"""Parse a request. The answer to a wrong request names every wrong field at once."""

import inspect
import json
import re
import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args
from urllib.parse import parse_qs

from pydantic import BaseModel, ValidationError
from sanic import Request

from server.errors import BadInput, BodyTooLarge, NotFound, UnsupportedMediaType

JSON_BYTES = 1_000_000
BIGGEST_ID = 2**53
# A body of a megabyte may have ten thousand wrong fields with long names. The answer stays short.
MOST_PROBLEMS = 50
LONGEST_NAME = 100
WHOLE = re.compile(r"-?[0-9]{1,20}")
NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
# A stored answer is encrypted under its key: 22 characters of base64 or 32 hexadecimal digits hold 128 random bits.
KEY = re.compile(r"[\x21-\x7e]{22,80}")
HEXADECIMAL = re.compile(r"[0-9A-Fa-f-]*")
HEXADECIMAL_DIGITS = 32
# Random keys have far more; a key of fewer was typed or counted.
DIFFERENT_CHARACTERS = 8

# Chinese texts for pydantic's kinds of error; {…} are pydantic's own facts.
PROBLEMS = {
    "missing": "必须填写",
    "extra_forbidden": "没有这一项",
    "string_too_long": "最多{max_length}个字",
    "string_too_short": "至少{min_length}个字",
    "string_type": "应为文字",
    "string_unicode": "含有无法识别的字符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为数字",
    "bool_type": "应为是或否",
    "bool_parsing": "应为是或否",
    "enum": "只能是：{expected}",
    "literal_error": "只能是：{expected}",
    "greater_than_equal": "不能小于{ge}",
    "greater_than": "应大于{gt}",
    "less_than_equal": "不能大于{le}",
    "less_than": "应小于{lt}",
    "too_long": "最多{max_length}项",
    "too_short": "至少{min_length}项",
    "list_type": "应为列表",
    "json_invalid": "不是正确的 JSON",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "dict_type": "应为对象",
    # Raised by `miniprogram_contract.base.wrong`.
    "wrong_field": "{problem}",
    "string_pattern_mismatch": "格式不对",
}


def read_json(request: Request, model: type[BaseModel]) -> BaseModel:
    """Parse the body as the model. A missing body is an empty one if the model requires no field.

    Raises `BadInput` with every wrong field, `BodyTooLarge` or `UnsupportedMediaType`.
    """
    check_size(request)
    absent = not request.body and needs_no_field(model)
    if not absent and request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(expected="application/json")
    try:
        # Strict: the contract says that "5" and true are not numbers.
        return model.model_validate_json(b"{}" if absent else request.body, strict=True)
    except ValidationError as error:
        raise BadInput(fields=problems(error, "body")) from None


@cache
def needs_no_field(model: type[BaseModel]) -> bool:
    """Return whether all fields of the type may be left out."""
    return not any(field.is_required() for field in model.model_fields.values())


def check_size(request: Request) -> None:
    """Raise `BodyTooLarge` for a large body that is not an upload."""
    if len(request.body) > JSON_BYTES:
        raise BodyTooLarge(limit_bytes=JSON_BYTES)


def read_query(request: Request, model: type[BaseModel]) -> BaseModel:
    """Parse the query string as the type. A name given twice is refused unless the type has a list for it."""
    try:
        given = parse_qs(request.query_string, keep_blank_values=True, errors="strict", max_num_fields=50)
    except (ValueError, UnicodeDecodeError):
        raise BadInput(fields=[{"field": "query", "problem": "格式不对"}]) from None
    repeated = [name for name, texts in given.items() if len(texts) > 1 and not _is_list(model, name)]
    wrong = [{"field": f"query.{name[:LONGEST_NAME]}", "problem": "只能有一个"} for name in repeated]
    try:
        read = model.model_validate_json(json.dumps(_as_json(given, model)), strict=True)
    except ValidationError as error:
        raise BadInput(fields=wrong + problems(error, "query")) from None
    if wrong:
        raise BadInput(fields=wrong)
    return read


def _as_json(given: Mapping[str, list[str]], model: type[BaseModel]) -> dict[str, Any]:
    """Convert the texts of a query to the JSON types of the fields, as a body would have them."""
    values: dict[str, Any] = {}
    for name, texts in given.items():
        kinds = _kinds_of(model, name)
        converted = [_as_kind(text, kinds) for text in texts]
        values[name] = converted if _is_list(model, name) else converted[0]
    return values


@cache
def _kinds_of(model: type[BaseModel], name: str) -> set[Any]:
    field = model.model_fields.get(name)
    return set() if field is None else _kinds(field.annotation)


def _kinds(annotation: Any) -> set[Any]:
    """Return the plain types that an annotation consists of."""
    inner = get_args(annotation)
    if inner:
        return set().union(*map(_kinds, inner))
    return {annotation} if isinstance(annotation, type) else set()


def _as_kind(text: str, kinds: set[Any]) -> Any:
    if int in kinds and WHOLE.fullmatch(text):
        return int(text)
    if float in kinds and NUMBER.fullmatch(text):
        return float(text)
    return text == "true" if bool in kinds and text in {"true", "false"} else text


def read_upload(request: Request) -> bytes:
    """Return the only file of a multipart form, in its field `photo`."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "multipart/form-data":
        raise UnsupportedMediaType(expected="multipart/form-data")
    files = request.files
    given = files.getlist("photo", []) if files else []
    if not files or len(files) != 1 or len(given) != 1:
        raise BadInput(fields=[{"field": "body.photo", "problem": "请上传一张照片"}])
    return bytes(given[0].body)


@cache
def _is_list(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and "list[" in str(field.annotation)


def check_path(values: Mapping[str, Any]) -> None:
    """Raise `NotFound` for an id out of range, before the database is asked with it."""
    if any(isinstance(value, int) and not 0 < value < BIGGEST_ID for value in values.values()):
        raise NotFound


def read_key(request: Request) -> str:
    """Return the Idempotency-Key: 22 to 80 visible ASCII characters that may hold 128 random bits."""
    key = request.headers.get("idempotency-key", "")
    if not _may_be_random(key):
        strong = "至少 22 个随机的英文字符或数字（只用十六进制时至少 32 个），最多 80 个"
        problem = f"应为{strong}" if key else f"必须带上提交编号：{strong}，重试时用同一个"
        raise BadInput(fields=[{"field": "header.Idempotency-Key", "problem": problem}])
    return key


def _may_be_random(key: str) -> bool:
    """Return whether the key is long and mixed enough to hold 128 random bits."""
    if not KEY.fullmatch(key) or len(set(key)) < DIFFERENT_CHARACTERS:
        return False
    return not HEXADECIMAL.fullmatch(key) or len(key.replace("-", "")) >= HEXADECIMAL_DIGITS


def key_of_plea(request: Request) -> str:
    """Return the Idempotency-Key of a plea, or a new one if it has none: it is filed all the same."""
    key = request.headers.get("idempotency-key", "")
    return key if _may_be_random(key) else new_key()


def new_key() -> str:
    return secrets.token_hex(16)


def problems(error: ValidationError, place: str) -> list[dict[str, str]]:
    """Return every wrong field and its problem in Chinese, never the value itself."""
    return [
        {"field": ".".join([place, *_steps(one)])[:LONGEST_NAME], "problem": _problem(one)}
        for one in error.errors(include_url=False, include_input=False)[:MOST_PROBLEMS]
    ]


def _steps(one: Mapping[str, Any]) -> list[str]:
    """Return the path to the field. Pydantic adds a step `[key]` if the name is wrong and not the value."""
    steps = [str(step) for step in one["loc"]]
    if one["type"] == "wrong_field":
        return [*steps, one["ctx"]["field"]]
    is_of_a_name = steps[-1:] == ["[key]"] and one["type"] != "extra_forbidden"
    return steps[:-1] if is_of_a_name else steps


def _problem(one: Mapping[str, Any]) -> str:
    if one["type"] == "value_error":
        return str(one["ctx"]["error"])
    facts = {name: _fact(value) for name, value in one.get("ctx", {}).items()}
    # For a text that was changed before validation, pydantic reports a value with a number of items.
    kind = f"string_{one['type']}" if facts.get("field_type") == "Value" else one["type"]
    return PROBLEMS.get(kind, "填写有误").format_map(facts)


def _fact(value: Any) -> str:
    """Write choices in Chinese; pydantic writes them as 'a', 'b' or 'c'."""
    return str(value).replace("' or '", "、").replace("', '", "、").strip("'")


@cache
def parameter_names(handler: Any) -> list[str]:
    """Return the names of the handler's parameters."""
    return list(inspect.signature(handler).parameters)
