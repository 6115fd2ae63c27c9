"""Rendering answers and refusals as HTTP."""

import json
import logging
from typing import Any

import pymysql
from pydantic import BaseModel
from sanic import HTTPResponse, Request
from sanic.exceptions import SanicException
from tortoise.exceptions import BaseORMException

from server import db
from server.errors import (
    BadInput,
    BodyTooLarge,
    Busy,
    MethodNotAllowed,
    NotFound,
    Refusal,
    ServerFault,
)
from server.handlers.http.shown import Shown

log = logging.getLogger("server.http")

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
BY_STATUS: dict[int, type[Refusal]] = {404: NotFound, 405: MethodNotAllowed, 413: BodyTooLarge, 503: Busy}


def answered(status: int, body: str) -> HTTPResponse:
    return HTTPResponse(body, status=status, headers=SAFE, content_type="application/json; charset=utf-8")


def shown(reply: Shown, status: int) -> HTTPResponse:
    return HTTPResponse(
        reply.content, status=status, headers=SAFE | reply.headers, content_type=reply.content_type
    )


def as_json(reply: BaseModel) -> str:
    return reply.model_dump_json()


def refused(refusal: Refusal, request_id: str) -> HTTPResponse:
    """The refusal as the contract describes it."""
    body = {
        "code": refusal.code,
        "message": refusal.message,
        "details": refusal.details,
        "request_id": request_id,
    }
    response = answered(refusal.status, json.dumps(body, ensure_ascii=False, default=str))
    wait = refusal.details.get("retry_after_seconds", refusal.retry_after_seconds)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def as_refusal(error: BaseException, request_id: str) -> Refusal:
    """The refusal an error means: a lost database is Busy, a broken request BadInput; anything else is our fault."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, SanicException):
        kind = BY_STATUS.get(error.status_code)
        if kind is not None:
            return kind()
        if error.status_code < 500:
            return BadInput(fields=[{"field": "request", "problem": "请求格式不对"}])
    if isinstance(error, (BaseORMException, pymysql.err.Error, OSError)) and (db.lost(error) or db.repeatable(error)):
        log.warning("%s database out of reach: %s", request_id, type(error).__name__)
        return Busy()
    log.error("%s fault", request_id, exc_info=_without_values(error))
    return ServerFault()


def _without_values(error: BaseException) -> Any:
    # Database errors quote the values they choked on: the trace says where, the values stay out of the log.
    if isinstance(error, (BaseORMException, pymysql.err.Error)):
        return (type(error), type(error)(type(error).__name__), error.__traceback__)
    return (type(error), error, error.__traceback__)


def request_id_of(request: Request) -> str:
    return str(request.id)
