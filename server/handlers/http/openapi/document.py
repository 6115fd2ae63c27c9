"""The whole OpenAPI document."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.handlers.http.endpoint import ENDPOINTS, Endpoint
from server.handlers.http.openapi.operations import noun_of, operation, path_of
from server.handlers.http.openapi.refusals import RETRY_AFTER, examples, refusal_schemas, responses
from server.handlers.http.openapi.schemas import named, schemas

# The nouns in the order of `/docs`: first what every client needs, then the residents' nouns, then the city's set-up.
CHINESE_NAMES = {
    "session": "登录",
    "me": "我的资料",
    "households": "家庭",
    "joinings": "档案合并",
    "photos": "照片",
    "notifications": "通知",
    "stations": "站点",
    "categories": "需求类别",
    "needs": "需求",
    "tasks": "任务",
    "satisfaction": "满意度",
    "volunteers": "志愿者",
    "service_records": "服务记录",
    "timebank": "时间银行",
    "statements": "余额和流水",
    "certificates": "志愿服务证明",
    "rankings": "排行榜",
    "activities": "活动",
    "bookings": "报名",
    "check_ins": "签到",
    "venues": "场地",
    "points": "积分",
    "supermarket": "爱心超市",
    "orders": "兑换",
    "areas": "行政区划",
    "coverage": "服务片区",
    "duty": "值班",
    "roles": "角色",
    "accounts": "账号",
    "policies": "政策参数和日历",
    "wordings": "称呼和名称",
    "complaints": "投诉",
    "health": "运行状况",
}
METHODS = ("GET", "POST", "PUT", "DELETE")

KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Made by the caller for each submission and kept for its repeats: 128 random bits, as "
    "32 hexadecimal digits or 22 characters of base64; at most 80 visible ASCII characters. Its hash is remembered for "
    "seven days.",
    "schema": {"type": "string", "minLength": 22, "maxLength": 80, "pattern": r"^[\x21-\x7e]+$"},
    "example": "0b7e9f9c1c1f4f0e9d583f6c2d1f6a51",
}
BEARER = {"type": "http", "scheme": "bearer", "description": "The token that `POST /api/v1/session` gave."}


def document(endpoints: Sequence[Endpoint] = ENDPOINTS) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the declared paths. Their order does not matter."""
    declared = sorted(endpoints, key=lambda one: (path_of(one), METHODS.index(one.method)))
    schema_objects, refs = schemas(declared)
    operations = [(one, operation(one, schema_objects, refs)) for one in declared]
    _check_names_differ([spec["operationId"] for _, spec in operations])
    for query in {one.query for one in declared if one.query}:
        del schema_objects[named(refs[query, "validation"])]  # its fields are the parameters
    of_refusals = refusal_schemas(declared)
    assert not set(schema_objects) & set(of_refusals), "a type of the contract has the name of a refusal's schema"
    return {
        "openapi": "3.1.0",
        "info": _info(),
        "servers": [{"url": "/", "description": "Wherever this document was read"}],
        "tags": _tags(declared),
        "paths": _paths(operations),
        "components": {
            "schemas": {**schema_objects, **of_refusals},
            "responses": responses(declared),
            "examples": examples(declared),
            "headers": {"Retry-After": RETRY_AFTER},
            "parameters": {"Idempotency-Key": KEY},
            "securitySchemes": {"bearer": BEARER},
        },
    }


def _check_names_differ(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice, f"several handlers have the name {', '.join(twice)}: their names are the contract's operationIds"


def _info() -> dict[str, Any]:
    return {
        "title": "Social-work stations of Luzhou",
        "version": "1",
        "summary": "泸州市社会工作服务站点",
        "description": _introduction(),
        "license": {"name": "MIT", "identifier": "MIT"},
    }


def _introduction() -> str:
    return (Path(__file__).parent / "introduction.md").read_text(encoding="utf-8")


def _tags(declared: Sequence[Endpoint]) -> list[dict[str, str]]:
    about = {noun_of(one): _about_noun(one) for one in declared}
    return [
        {"name": noun, "description": about[noun], "x-displayName": f"{CHINESE_NAMES[noun]} {noun}"}
        for noun in sorted(about, key=list(CHINESE_NAMES).index)
    ]


def _about_noun(declared: Endpoint) -> str:
    """Return the docstring of the noun's module or package."""
    module = sys.modules[".".join(declared.handler.__module__.split(".")[:3])]
    return " ".join((module.__doc__ or noun_of(declared)).split())


def _paths(operations: list[tuple[Endpoint, dict[str, Any]]]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for declared, spec in operations:
        paths.setdefault(path_of(declared), {})[declared.method.lower()] = spec
    return paths
