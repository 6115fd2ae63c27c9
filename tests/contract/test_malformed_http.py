"""Malformed HTTP, sent to the server as a process of its own."""

import json
import socket

import httpx
import pytest

from tests.contract.served import Served

HOST = b"Host: stations\r\nConnection: close\r\n"
AS_JSON = HOST + b"Content-Type: application/json\r\n"
POST = b"POST /api/v1/session HTTP/1.1\r\n"

MALFORMED = {
    "length and chunks": POST + AS_JSON + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
    "two lengths": POST + AS_JSON + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "a negative length": POST + AS_JSON + b"Content-Length: -5\r\n\r\n",
    "a length in words": POST + AS_JSON + b"Content-Length: five\r\n\r\n",
    "a chunk of no size": POST + AS_JSON + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n",
    "another encoding": POST + AS_JSON + b"Transfer-Encoding: gzip\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "half a line": b"GET\r\n\r\n",
    "bytes in the path": b"GET /api/v1/slips/\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    "bytes in the query": b"GET /api/v1/needs?after=\xff HTTP/1.1\r\n" + HOST + b"\r\n",
    "a header without a colon": b"GET /api/v1/health HTTP/1.1\r\n" + HOST + b"nothing\r\n\r\n",
}
TOO_LARGE = {
    "many headers": b"GET /api/v1/health HTTP/1.1\r\n" + HOST + b"X-Filler: filler\r\n" * 5_000 + b"\r\n",
    "a long header": b"GET /api/v1/health HTTP/1.1\r\n" + HOST + b"X-Filler: " + b"x" * 50_000 + b"\r\n\r\n",
    "a long path": b"GET /api/v1/slips/" + b"x" * 50_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a huge length": POST + AS_JSON + b"Content-Length: 99999999999\r\n\r\n",
}


def sent(served: Served, request: bytes) -> tuple[int, dict]:
    """The status and body of the one answer before the server hangs up."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as link:
        link.sendall(request)
        answer = b""
        try:
            while some := link.recv(65536):
                answer += some
        except ConnectionResetError:
            pass  # it did not wait for the rest of what was too large
    assert answer.count(b"HTTP/1.1 ") == 1, answer
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize("request_", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_request_is_refused_and_the_line_closed(served: Served, request_: bytes):
    status, body = sent(served, request_)

    assert (status, body["code"]) == (400, "bad_input")
    assert httpx.get(f"{served.url}/api/v1/health", trust_env=False).status_code == 200


@pytest.mark.parametrize("request_", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_request_that_is_too_large_is_refused_and_the_line_closed(served: Served, request_: bytes):
    status, body = sent(served, request_)

    assert (status, body["code"]) == (413, "body_too_large")
    assert httpx.get(f"{served.url}/api/v1/health", trust_env=False).status_code == 200


def test_a_token_that_is_no_text_signs_nobody_in(served: Served):
    status, body = sent(served, b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"Authorization: Bearer \xff\xfe\r\n\r\n")

    assert (status, body["code"]) == (401, "not_signed_in")


def test_a_request_id_that_is_no_text_is_not_repeated(served: Served):
    _, body = sent(
        served,
        b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"X-Request-Id: \xff\xfe\xff\xfe\xff\xfe\xff\xfe\r\n\r\n",
    )

    assert len(body["request_id"]) == 32
