"""An answer the contract does not tell of fails whichever test was given it."""

import httpx
import pytest

from tests.contract.conforming import conforms, contract


def answer(status: int, body: object, method: str = "GET", path: str = "/api/v1/me", **headers: str) -> httpx.Response:
    return httpx.Response(
        status, json=body, headers=headers, request=httpx.Request(method, f"http://stations.test{path}")
    )


def refusal(code: str, **more: object) -> dict:
    return {"code": code, "message": "不行", "details": {}, "request_id": "1", **more}


@pytest.mark.parametrize(
    "wrong",
    [
        answer(200, {"up": "yes"}, path="/api/v1/health"),
        answer(200, {"up": True, "more": 1}, path="/api/v1/health"),
        answer(201, {"up": True}, path="/api/v1/health"),
        answer(401, refusal("not_allowed")),
        answer(401, refusal("not_signed_in", message=None)),
        answer(401, refusal("not_signed_in", details={"since": "2026"})),
        answer(403, refusal("not_allowed")),
        answer(500, refusal("server_error")),
        answer(503, refusal("busy")),
        answer(200, {}, path="/api/v1/nowhere"),
        answer(200, {}, "PUT", "/api/v1/health"),
    ],
    ids=lambda one: f"{one.request.method} {one.request.url.path} {one.status_code}",
)
def test_undeclared_answer_is_found(wrong: httpx.Response):
    assert contract().fault_of(wrong) is not None


@pytest.mark.parametrize(
    "right",
    [
        answer(200, {"up": True}, path="/api/v1/health"),
        answer(401, refusal("not_signed_in")),
        answer(503, refusal("busy"), **{"Retry-After": "2"}),
        answer(404, refusal("not_found"), path="/api/v1/nowhere"),
        answer(405, refusal("method_not_allowed"), "PUT", "/api/v1/health"),
    ],
    ids=lambda one: f"{one.request.method} {one.request.url.path} {one.status_code}",
)
def test_declared_answer_passes(right: httpx.Response):
    assert contract().fault_of(right) is None


def test_another_content_type_is_found():
    page = httpx.Response(200, html="<p>up</p>", request=httpx.Request("GET", "http://stations.test/api/v1/health"))

    assert "text/html" in contract().fault_of(page)


async def test_the_hook_fails_the_test_that_was_answered_so():
    with pytest.raises(AssertionError, match="does not declare 418"):
        await conforms(answer(418, {}))
