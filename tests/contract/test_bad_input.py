"""Bad input is refused with the wrong field, and nothing is written."""

import base64
import json
from datetime import date
from typing import Any, get_args

import httpx
import pytest
from pydantic import ValidationError

import server.handlers.http.registry  # noqa: F401 - declares every path
from server.handlers.http.endpoint import ENDPOINTS
from server.models import AuditEntry, IdempotencyKey, Need, Person
from tests.people import Phone

# What cannot be a name, and what is said of it.
NAMES: dict[str, tuple[Any, str]] = {
    "too long": ("字" * 100_000, "最多30个字"),
    "empty": ("", "至少1个字"),
    "only spaces": ("\u3000  ", "至少1个字"),
    "a number": (7, "应为文字"),
    "a list": (["王"], "应为文字"),
    "null byte": ("王\x00", "含有不能使用的字符（U+0000 空字符）"),
    "private use": ("\ue000", "含有不能使用的字符（U+E000 私用字符）"),
    "other direction": ("王\u202e", "含有不能使用的字符（U+202E 文字方向控制符）"),
    "only invisible": ("\u200b\u2060\u00ad\ufe0f", "至少1个看得见的字"),
    "fillers": ("\u3164\u115f \u2800", "至少1个看得见的字"),
    "two lines": ("王\n秀", "不能换行"),
}
YEARS = {
    '"1950"': "应为整数",
    "true": "应为整数",
    "1950.5": "应为整数",
    "1950.0": "应为整数",
    "NaN": "应为整数",
    "1e999": "应为整数",
    "{}": "应为整数",
    "9" * 30: "不能大于2100",
    "-1": "不能小于1900",
}
NO_JSON = {
    "a space": b" ",
    "half": b'{"name":',
    "two": b"{}{}",
    "bad UTF-8": b'{"name":"\xff"}',
    "half a surrogate": b'{"name":"\\ud800"}',
    "UTF-16": '{"name":"a"}'.encode("utf-16"),
    "deep": b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a long number": b'{"birth_year":' + b"9" * 10_000 + b"}",
    "a comment": b'{"name":"a"} // done',
}
NO_DAYS = ("0", "1764547200", "2026-1-1", "2026-02-30", "20261124", "2026-11-24T00:00:00Z", "２０２６-11-24", "today")
DAYS_OUT_OF_RANGE = ("0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31")
FORGED = (
    ["0001-01-01T00:00:00+14:00", 5],
    ["9999-12-31T23:59:59-14:00", 5],
    ["2026-12-01T00:00:00", 5],
    ["2026-12-01T00:00:00+08:00", 2**53],
    ["2026-12-01T00:00:00+08:00", "x"],
    ["2026-12-01T00:00:00+08:00", [5]],
    ["2026-12-01T00:00:00+08:00"],
    [None, None],
    {"0": 1},
    7,
)
QUERIES = {
    "limit=0": {"query.limit": "不能小于1"},
    "limit=1.0": {"query.limit": "应为整数"},
    "limit=1_0": {"query.limit": "应为整数"},
    "limit=%EF%BC%91": {"query.limit": "应为整数"},
    "limit=": {"query.limit": "应为整数"},
    "limit=" + "9" * 5000: {"query.limit": "应为整数"},
    "limit=1&limit=2": {"query.limit": "只能有一个"},
    "limit=1&limit=2&sort=x": {"query.limit": "只能有一个", "query.sort": "没有这一项"},
    "after=%00": {"query.after": "格式不对"},
    "after=e30": {"query.after": "请从第一页重新查看"},
    "after=%ff": {"query": "格式不对"},
    "&".join(f"x{n}=1" for n in range(100)): {"query": "格式不对"},
}


@pytest.fixture
async def phone(phone_of) -> Phone:
    return await phone_of("wangnainai")


def problems(answer: httpx.Response) -> dict[str, str]:
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input"), answer.text
    return {one["field"]: one["problem"] for one in answer.json()["details"]["fields"]}


async def change_me(phone: Phone, body: bytes | dict[str, Any]) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await phone.call("POST", "/me/changes", content=content, headers={"Content-Type": "application/json"})


async def nothing_is_written_of(phone: Phone) -> bool:
    person = await Person.get(id=phone.person_id)
    changed = await AuditEntry.exists(action="person.changed")
    return (person.name, person.phone, person.birth_year, changed) == (None, None, None, False)


async def test_a_text_that_cannot_be_kept_is_named_and_the_good_fields_are_not_kept_either(phone):
    said = {
        case: problems(await change_me(phone, {"name": name, "phone": "13812345678"}))
        for case, (name, _) in NAMES.items()
    }

    assert said == {case: {"body.name": problem} for case, (_, problem) in NAMES.items()}
    assert await nothing_is_written_of(phone)


async def test_name_of_letters_too_new_for_python_is_kept(phone):
    answer = await change_me(phone, {"name": "\U00031350\U0002ebf0"})

    assert (answer.status_code, answer.json()["name"]) == (200, "\U00031350\U0002ebf0"), answer.text


async def test_a_number_is_a_whole_number_within_its_limits(phone):
    said = {
        year: problems(await change_me(phone, f'{{"name": "王", "birth_year": {year}}}'.encode())) for year in YEARS
    }

    assert said == {year: {"body.birth_year": problem} for year, problem in YEARS.items()}
    assert await nothing_is_written_of(phone)


async def test_body_that_is_no_json_object_is_refused(phone):
    said = {case: problems(await change_me(phone, body)) for case, body in NO_JSON.items()}

    assert said == {case: {"body": "不是正确的 JSON"} for case in NO_JSON}
    for body in (b"[]", b"null", b"7", b'"text"'):
        assert problems(await change_me(phone, body)) == {"body": "应为对象"}


async def test_only_json_is_taken_for_json(phone):
    for kind in (b"", b"text/plain", b"application/x-www-form-urlencoded", b"application/jsonx", b"\xff"):
        headers = {b"Authorization": f"Bearer {phone.token}".encode(), b"Content-Type": kind}
        answer = await phone.client.post("/api/v1/me/changes", content=b'{"name":"a"}', headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert await nothing_is_written_of(phone)


async def test_no_body_says_as_much_as_an_empty_one_where_nothing_is_needed(phone):
    for headers in ({}, {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}):
        assert (await phone.call("POST", "/me/changes", headers=headers)).status_code == 200
        needed = await phone.call("PUT", "/me/home", headers=headers)
        assert (needed.status_code, needed.json()["code"]) in {(415, "unsupported_media_type"), (400, "bad_input")}
    assert await nothing_is_written_of(phone)


async def test_too_short_phone_number_is_refused_as_no_phone(phone):
    wrong = {
        "123": "请填写正确的手机号，或带区号的座机号",
        "1" * 31: "请填写正确的手机号，或带区号的座机号",
        7: "应为文字",
    }

    assert [problems(await change_me(phone, {"phone": one})) for one in wrong] == [
        {"body.phone": problem} for problem in wrong.values()
    ]


async def test_a_body_of_more_than_a_megabyte_is_refused(phone):
    answer = await change_me(phone, b'{"name":"' + b"a" * 1_000_000 + b'"}')

    assert (answer.status_code, answer.json()["details"]) == (413, {"limit_bytes": 1_000_000})


async def test_emoji_and_rare_characters_are_kept_as_they_are(phone):
    answer = await change_me(phone, {"name": "𠮷奶奶👩‍👧"})

    assert answer.json()["name"] == "𠮷奶奶👩‍👧"
    assert (await Person.get(id=phone.person_id)).name == "𠮷奶奶👩‍👧"


async def test_every_wrong_field_is_named_and_unknown_ones_too(phone):
    answer = await change_me(phone, {"name": "", "phone": "1234567", "role": "city_officer", "id": 1})

    assert problems(answer) == {
        "body.name": "至少1个字",
        "body.phone": "请填写正确的手机号，或带区号的座机号",
        "body.role": "没有这一项",
        "body.id": "没有这一项",
    }
    assert await nothing_is_written_of(phone)


async def test_a_body_wrong_in_ten_thousand_places_gets_a_short_answer(phone):
    many = await change_me(phone, dict.fromkeys(map(str, range(10_000)), 1))
    long = await change_me(phone, {"x" * 100_000: 1})

    assert len(problems(many)) == 50
    assert len(many.content) < 5_000
    assert len(long.content) < 1_000


async def test_a_wrong_query_is_named(phone):
    said = {query: problems(await phone.get(f"/needs?{query}")) for query in QUERIES}

    assert said == QUERIES


@pytest.mark.parametrize(
    "path", ["/needs", "/activities", "/supermarket/orders", "/me/notifications", "/points/statement"]
)
@pytest.mark.parametrize("values", FORGED)
async def test_forged_cursor_is_refused(phone, path, values):
    forged = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()

    assert problems(await phone.get(f"{path}?after={forged}")) == {"query.after": "请从第一页重新查看"}


@pytest.mark.parametrize("day", [*NO_DAYS, *DAYS_OUT_OF_RANGE])
async def test_day_that_is_no_day_of_the_calendar_is_refused(phone, day):
    answer = await phone.get(f"/activities?from_day={day}")

    said = "应为日期，例如 2026-11-24" if day in NO_DAYS else "应在 1900 年到 2199 年之间"
    assert problems(answer) == {"query.from_day": said}


def test_no_field_of_a_request_takes_a_number_for_a_day():
    for model in {one for each in ENDPOINTS for one in (each.body, each.query) if one is not None}:
        for name, field in model.model_fields.items():
            if date in (field.annotation, *get_args(field.annotation)):
                sent = {name: "0"}
                with pytest.raises(ValidationError) as wrong:
                    model.model_validate_json(json.dumps(sent), strict=True)
                assert (name,) in [one["loc"] for one in wrong.value.errors()], (model, name)


async def test_yes_is_said_in_one_way_in_a_query(phone):
    for yes in ("yes", "1", "True", "on"):
        assert problems(await phone.get(f"/me/notifications?unread={yes}")) == {"query.unread": "应为是或否"}
    assert (await phone.get("/me/notifications?unread=true")).status_code == 200


async def test_an_id_that_cannot_be_is_of_nothing(phone):
    for need_id in ("0", "-1", "9007199254740992", "9" * 30, "9" * 5000, "1.0", "x", "%00", "1%2F2", "１"):
        answer = await phone.get(f"/needs/{need_id}")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_without_a_key_nothing_is_filed(phone):
    need = {"category": "not_sure", "text": "买药", "contact_name": "王", "contact_phone": "13812345678"}
    for key in (b"", b"short", b"x" * 81, b"with space in it", b"bell\x07bell", b"\xe9" * 8):
        headers = {b"Authorization": f"Bearer {phone.token}".encode(), b"Idempotency-Key": key}
        answer = await phone.client.post("/api/v1/needs", json=need, headers=headers)

        assert set(problems(answer)) == {"header.Idempotency-Key"}
    assert await Need.all().count() == await IdempotencyKey.all().count() == 0


async def test_malformed_token_is_not_signed_in(client):
    tokens = (
        b"",
        b"Bearer",
        b"Bearer ",
        b"Basic dTpw",
        b"Bearer a b",
        b"Bearer " + b"a" * 10_000,
        b"Bearer \xff\xfe",
    )
    for token in (*tokens, b"Bearer \x7f", b"bearer nobody"):
        answer = await client.get("/api/v1/me", headers={b"Authorization": token})

        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_wrong_method_is_told_the_right_ones(client):
    answer = await client.put("/api/v1/session")

    assert answer.headers["allow"] == "DELETE, GET, POST"
    assert answer.json()["details"] == {"allowed": ["DELETE", "GET", "POST"]}


async def test_a_callers_own_request_id_is_kept_when_it_is_plain(client):
    for given in ("trace-0123456789", "", "short", "x" * 65, "no spaces here"):
        for path in ("/api/v1/me", "/nowhere"):
            answer = await client.get(path, headers={"X-Request-Id": given})

            assert answer.json()["request_id"] == answer.headers["x-request-id"]
            assert (answer.headers["x-request-id"] == given) is (given == "trace-0123456789")
