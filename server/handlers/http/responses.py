"""Render replies and refusals as HTTP responses."""

import json
import logging
import random
import re
from datetime import datetime
from typing import Any

import pymysql
from pydantic import BaseModel
from sanic import HTTPResponse, Request
from sanic.exceptions import SanicException
from tortoise.exceptions import BaseORMException

from miniprogram_contract.base import shown_moment
from miniprogram_contract.emergency import EmergencyHelp
from server.database import db
from server.errors import (
    BadInput,
    BodyTooLarge,
    Busy,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
    Refusal,
    ServerError,
)
from server.handlers.http.raw_response import RawResponse

log = logging.getLogger("server.http")

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
REFUSAL_OF_STATUS: dict[int, type[Refusal]] = {404: NotFound, 405: MethodNotAllowed, 413: BodyTooLarge, 503: Busy}
# Statuses with which Sanic rejects broken or unroutable requests. Its 500s are server errors like any other.
REFUSABLE = {*range(400, 500), Busy.status}
PLAIN_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)


def json_response(status: int, body: str) -> HTTPResponse:
    return HTTPResponse(body, status=status, headers=SAFE_HEADERS, content_type="application/json; charset=utf-8")


def raw_response(reply: RawResponse, status: int) -> HTTPResponse:
    return HTTPResponse(
        reply.content, status=status, headers=SAFE_HEADERS | reply.headers, content_type=reply.content_type
    )


def as_json(reply: BaseModel | None) -> str:
    return reply.model_dump_json() if reply is not None else "null"


def refusal_response(refusal: Refusal, request_id: str, emergency: EmergencyHelp | None = None) -> HTTPResponse:
    """Render the refusal as the contract describes it, for a plea with the emergency numbers."""
    body: dict[str, Any] = {
        "code": refusal.code,
        "message": refusal.message,
        "details": refusal.details,
        "request_id": request_id,
    }
    if emergency is not None:
        body["emergency"] = emergency.model_dump()
    response = json_response(refusal.status, json.dumps(body, ensure_ascii=False, default=_as_text))
    response.headers["X-Request-Id"] = request_id
    wait = refusal.details.get("retry_after_seconds", refusal.retry_after_seconds)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    if refusal.status == NotSignedIn.status:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(refusal.details.get("allowed", []))
    return response


def _as_text(fact: Any) -> str:
    """Write a moment among the details in Shanghai time, as everywhere else."""
    return shown_moment(fact) if isinstance(fact, datetime) else str(fact)


def as_refusal(error: BaseException, request_id: str) -> Refusal:
    """Return the refusal for an error: `Busy` for a lost database, `BadInput` for a broken request …"""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, SanicException) and error.status_code in REFUSABLE:
        return _from_sanic(error)
    if db.lost(error) or (isinstance(error, (BaseORMException, pymysql.err.Error)) and db.repeatable(error)):
        log.warning("%s database out of reach: %s", request_id, type(error).__name__)
        return Busy()
    log.error("%s server error", request_id, exc_info=_without_values(error))
    return ServerError()


def _from_sanic(error: SanicException) -> Refusal:
    kind = REFUSAL_OF_STATUS.get(error.status_code)
    if kind is MethodNotAllowed:
        return kind(allowed=sorted(error.headers.get("Allow", "").split(", ")))
    return kind() if kind else BadInput(fields=[{"field": "request", "problem": "请求格式不对"}])


def _without_values(error: BaseException) -> Any:
    # Database errors quote the values that caused them. The log keeps the traceback and drops the values.
    if isinstance(error, (BaseORMException, pymysql.err.Error)):
        return (type(error), type(error)(type(error).__name__), error.__traceback__)
    return (type(error), error, error.__traceback__)


def request_id_of(request: Request) -> str:
    """Return the id of a request: the caller's own if it is short and plain, else a new one."""
    if not hasattr(request.ctx, "request_id"):
        given = request.headers.get("x-request-id", "")
        # It only has to be rare: a random number from the system takes a system call.
        own = f"{random.getrandbits(128):032x}"
        request.ctx.request_id = given if PLAIN_ID.fullmatch(given) else own
    return str(request.ctx.request_id)
