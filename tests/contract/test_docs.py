"""The contract as a page."""

import re
from html import unescape

import httpx
import pytest

from server.handlers.http.docs.html import Markup, marked, prose, table, tag
from server.handlers.http.docs.operations import curl, operations
from server.handlers.http.docs.page import POLICY, page
from server.handlers.http.docs.shapes import kind
from server.handlers.http.openapi import document, every_refusal

DOCUMENT, REFUSALS = document(), every_refusal()


def test_the_page_has_every_operation_shape_and_refusal():
    html = page(DOCUMENT, REFUSALS)

    for _, _, said in operations(DOCUMENT):
        assert f'id="{said["operationId"]}"' in html
    for name in DOCUMENT["components"]["schemas"]:
        assert f'id="shape-{name}"' in html
    for code, said in REFUSALS.items():
        assert f'id="refusal-{code}"' in html
        assert said["message"] in unescape(html)


def test_every_link_leads_somewhere_on_the_page():
    html = page(DOCUMENT, REFUSALS)
    places = re.findall(r'id="([^"]+)"', html)

    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(places)
    assert len(places) == len(set(places))


async def test_the_page_loads_nothing_and_may_load_nothing(client: httpx.AsyncClient):
    answer = await client.get("/docs")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert POLICY.startswith("default-src 'none'; style-src 'sha256-")
    assert not re.search(r"<(script|img|link|iframe|object|form)|\ssrc=|style=|url\(|@import|https?://", answer.text)


@pytest.mark.parametrize("name", ["openapi.json", "errors.json"])
async def test_the_files_are_served(client: httpx.AsyncClient, name: str):
    answer = await client.get(f"/{name}")

    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json() == (DOCUMENT if name == "openapi.json" else REFUSALS)


def test_what_is_not_markup_is_escaped():
    evil = "<script>alert('1')</script>"

    assert tag("p", evil, class_='"><b') == (
        '<p class="&quot;&gt;&lt;b">&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;</p>'
    )
    assert evil not in marked(f"**{evil}** `{evil}`")
    assert tag("p", Markup("<b>bold</b>")) == "<p><b>bold</b></p>"


def test_text_is_shown_as_it_is_marked():
    assert prose("One\nline.\n\n- **A** `b`\n- c") == (
        '<p>One line.</p><p class="point"><b>A</b> <code>b</code></p><p class="point">c</p>'
    )
    assert table(("A",), []) == ""


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "minLength": 1, "maxLength": 30}, "text, 1 to 30 characters"),
        ({"type": "string", "maxLength": 30, "minLength": 0}, "text, at most 30 characters"),
        ({"type": "string", "minLength": 3}, "text, at least 3 characters"),
        ({"type": "string", "format": "date-time"}, "moment"),
        ({"type": "integer", "minimum": 1, "maximum": 2**53 - 1}, "id"),
        ({"type": "integer", "minimum": 0, "maximum": 600}, "whole number, at most 600"),
        (
            {"type": "array", "items": {"type": "boolean"}, "maxItems": 9},
            "list of true or false, at most 9 of them",
        ),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "number or null"),
        ({"enum": ["a", "b"]}, "<code>a</code> or <code>b</code>"),
        ({"const": "a"}, "<code>a</code>"),
        ({"$ref": "#/components/schemas/Me"}, '<a href="#shape-Me">Me</a>'),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of whole number by name"),
        ({"type": "object"}, "object"),
        ({}, "anything"),
    ],
)
def test_kinds_of_values_are_said_in_words(schema: dict, words: str):
    assert kind(schema) == words


def test_an_example_can_be_pasted_into_a_shell():
    said = DOCUMENT["paths"]["/api/v1/needs/{need_id}/appeal"]["post"]

    assert curl(DOCUMENT, "POST", "/api/v1/needs/{need_id}/appeal", said).split(" \\\n  ")[:4] == [
        'curl -X POST "$SERVER/api/v1/needs/$NEED_ID/appeal"',
        '-H "Authorization: Bearer $TOKEN"',
        '-H "Idempotency-Key: $(uuidgen)"',
        '-H "Content-Type: application/json"',
    ]
