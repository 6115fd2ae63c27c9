"""The contract as a page."""

import gzip
import hashlib
import json
import re

import httpx
import pytest

from server.handlers.http import ENDPOINTS, docs
from server.handlers.http.openapi import document, every_refusal
from server.handlers.http.openapi.operations import reply_examples

DOCUMENT, REFUSALS = document(), every_refusal()
PLAIN, COMPRESSED = {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip, deflate"}


async def test_docs_page_may_load_only_from_this_server(client: httpx.AsyncClient):
    policy = (await client.get("/docs")).headers["content-security-policy"]
    sources = dict(directive.split(" ", 1) for directive in policy.split("; "))

    assert sources.pop("style-src") == "'unsafe-inline'"
    assert sources == {
        "default-src": "'none'",
        "script-src": "'self'",
        "connect-src": "'self'",
        "img-src": "data:",
        "worker-src": "blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


async def test_docs_page_loads_only_files_that_are_served(client: httpx.AsyncClient):
    page = (await client.get("/docs")).text
    script = (await client.get("/docs/page.js")).text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page) + re.findall(r'"(/[\w./]+)"', script)

    assert set(loaded) == set(docs.FILES) - {"/docs"}
    assert not re.search(r"https?://|url\(|@import", page + script)


@pytest.mark.parametrize("path", docs.FILES)
async def test_docs_file_is_the_same_with_and_without_compression(client: httpx.AsyncClient, path: str):
    plain = await client.get(path, headers=PLAIN)
    compressed = await client.get(path, headers=COMPRESSED)

    assert "content-encoding" not in plain.headers
    assert compressed.headers["content-encoding"] == "gzip"
    assert plain.status_code == compressed.status_code == 200
    assert plain.content == compressed.content == docs.FILES[path].file.read_bytes()
    assert plain.headers["x-content-type-options"] == "nosniff"


async def test_contract_files_are_served_as_generated(client: httpx.AsyncClient):
    assert (await client.get("/openapi.json")).json() == DOCUMENT
    assert (await client.get("/errors.json")).json() == REFUSALS


def test_large_docs_files_are_sent_in_less_than_half_a_megabyte():
    for served in docs.FILES.values():
        assert len(gzip.compress(served.file.read_bytes())) < 500_000


def test_kept_redoc_is_the_release_its_readme_names():
    bundle = docs.FILES["/docs/redoc.js"].file
    readme = (bundle.parent / "README.md").read_text(encoding="utf-8")

    assert hashlib.sha256(bundle.read_bytes()).hexdigest() in readme
    assert re.search(r"redoc (\d+\.\d+\.\d+)", readme)[1] in bundle.with_suffix(".js.LICENSE.txt").read_text()


def test_introduction_says_in_chinese_how_to_sign_in():
    introduction = DOCUMENT["info"]["description"]

    assert "# 登录" in introduction
    assert all(words in introduction for words in ("wx.login", "/api/v1/session", "Authorization: Bearer"))


def test_introduction_shows_a_refusal_as_it_is():
    shown = re.search(r'```json\n(\{\n  "code": "bad_input".*?)```', DOCUMENT["info"]["description"], re.DOTALL)

    assert json.loads(shown[1])["message"] == REFUSALS["bad_input"]["message"]


def test_refusals_named_in_the_introduction_exist():
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", DOCUMENT["info"]["description"]))

    assert named - {"request_id", "service_minutes", "points_price"} <= set(REFUSALS)


def test_every_noun_has_a_whole_reply_as_an_example():
    operations = [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]
    with_example = {operation["tags"][0] for operation in operations if operation["operationId"] in reply_examples()}

    assert with_example == {tag["name"] for tag in DOCUMENT["tags"]}


@pytest.mark.parametrize("name", reply_examples())
def test_reply_example_has_the_fields_of_its_type(name: str):
    [endpoint] = [endpoint for endpoint in ENDPOINTS if endpoint.handler.__name__ == name]
    example = reply_examples()[name]

    assert endpoint.reply_type.model_validate(example).model_dump(mode="json") == example
