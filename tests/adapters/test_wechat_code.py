"""Mini-program codes: drawn by WeChat, as a picture where all is well and as JSON where it is not."""

import io
import re

import httpx
import pytest
from PIL import Image

from server.adapters.wechat import responses
from server.errors.wechat import WeChatBusy, WeChatTooOften, WeChatUnavailable

CODE = "/wxa/getwxacodeunlimit"
TOKEN = "/cgi-bin/stable_token"
PAGE = "pages/activity/activity"
SCENE = "activity=9007199254740991"


@pytest.fixture
def http(fake_wechat):
    with httpx.Client(base_url=fake_wechat.url, trust_env=False) as http:
        yield http


@pytest.fixture
def ask(http, fake_wechat):
    """Ask the fake for a code, with everything right but what is told otherwise."""
    facts = {"appid": fake_wechat.app_id, "secret": fake_wechat.app_secret, "grant_type": "client_credential"}
    token = http.post(TOKEN, json=facts).json()["access_token"]

    def ask(query=None, **other):
        right = {"scene": SCENE, "page": PAGE}
        return http.post(CODE, params={"access_token": token} | (query or {}), json=right | other)

    return ask


def size_of(picture: bytes) -> tuple[str, int]:
    with Image.open(io.BytesIO(picture)) as found:
        return found.format, found.width


async def test_a_code_is_a_picture_and_the_same_place_gives_the_same_one(connect):
    wechat = connect()

    codes = [await wechat.code_of(scene, PAGE) for scene in (SCENE, SCENE, "activity=2")]

    assert size_of(codes[0]) == ("JPEG", 860)
    assert codes[0] == codes[1] != codes[2]


async def test_request_has_the_form_wechat_requires(connect, fake_wechat):
    await connect().code_of(SCENE, PAGE)

    [call] = fake_wechat.calls(CODE)
    assert list(call["query"]) == ["access_token"]
    assert '"scene": "activity=9007199254740991"' in call["body"]
    assert '"page": "pages/activity/activity"' in call["body"]
    assert '"env_version": "release"' in call["body"]
    assert "access_token" not in call["body"]
    assert call["answer"]["content_type"] == "image/jpeg"


async def test_a_page_nobody_published_has_no_code_and_the_administrator_reads_so(connect, fake_wechat, caplog):
    with pytest.raises(WeChatUnavailable) as refused:
        await connect().code_of(SCENE, "pages/not/yet")

    assert "WeChat draws no code for pages/not/yet: errcode 41030, 'invalid page rid:" in caplog.text
    assert refused.value.__context__ is None
    assert len(fake_wechat.calls(CODE)) == 1


@pytest.mark.parametrize(
    ("errcode", "refusal"),
    [(45009, WeChatUnavailable), (45011, WeChatTooOften), (48001, WeChatUnavailable), (40169, WeChatUnavailable)],
)
async def test_each_errcode_becomes_its_refusal(connect, fake_wechat, errcode, refusal):
    fake_wechat.fault("errcode", errcode=errcode, path=CODE)

    with pytest.raises(refusal):
        await connect().code_of(SCENE, PAGE)


async def test_a_busy_wechat_is_asked_once_more_and_then_left_alone(connect, fake_wechat):
    fake_wechat.fault("errcode", errcode=-1, path=CODE, times=3)
    wechat = connect()

    with pytest.raises(WeChatBusy):
        await wechat.code_of(SCENE, PAGE)
    assert size_of(await wechat.code_of(SCENE, PAGE)) == ("JPEG", 860)


async def test_a_token_that_ran_out_at_wechat_is_replaced_once(connect, fake_wechat):
    wechat = connect()
    await wechat.code_of(SCENE, PAGE)
    fake_wechat.pass_time(7300)

    assert size_of(await wechat.code_of(SCENE, PAGE)) == ("JPEG", 860)
    assert len(fake_wechat.calls(TOKEN)) == 2


@pytest.mark.parametrize("kind", ["truncated", "bad_gateway", "reset"])
async def test_a_picture_that_was_cut_off_is_asked_for_again(connect, fake_wechat, kind):
    fake_wechat.fault(kind, path=CODE)
    wechat = connect()

    assert size_of(await wechat.code_of(SCENE, PAGE)) == ("JPEG", 860)
    fake_wechat.fault(kind, path=CODE, times=2)
    with pytest.raises(WeChatUnavailable):
        await wechat.code_of(SCENE, PAGE)


@pytest.mark.parametrize("kind", ["wrong_content_type", "numbers_as_strings"])
async def test_the_picture_is_known_by_itself_whatever_it_is_called(connect, fake_wechat, kind):
    fake_wechat.fault(kind, path=CODE)

    assert size_of(await connect().code_of(SCENE, PAGE)) == ("JPEG", 860)


async def test_good_words_without_a_picture_are_no_code(connect, fake_wechat, caplog):
    fake_wechat.fault("errcode", errcode=0, path=CODE)

    with pytest.raises(WeChatUnavailable):
        await connect().code_of(SCENE, PAGE)

    assert "WeChat's answer is no picture" in caplog.text


async def test_without_a_mini_program_wechat_is_not_asked(connect, fake_wechat):
    with pytest.raises(WeChatUnavailable):
        await connect(app_id="").code_of(SCENE, PAGE)

    assert fake_wechat.calls() == []


def test_a_picture_that_is_too_large_to_be_a_code_makes_no_sense():
    begin, end = responses.PICTURES[0]

    assert responses.read(begin + end) == {"errcode": 0, "picture": begin + end}
    assert responses.read(begin + bytes(responses.LARGEST_PICTURE_BYTES) + end) is None


@pytest.mark.parametrize(
    ("other", "errcode"),
    [
        ({"scene": ""}, 40169),
        ({"scene": "x" * 33}, 40169),
        ({"scene": "100%"}, 40169),
        ({"scene": "活动"}, 40169),
        ({"scene": 7}, 40169),
        ({"page": "pages/not/yet"}, 41030),
        ({"page": f"/{PAGE}"}, 41030),
        ({"page": f"{PAGE}?id=1"}, 41030),
        ({"page": f"/{PAGE}", "check_path": False}, 41030),
        ({"width": 279}, 40097),
        ({"width": 1281}, 40097),
        ({"width": "wide"}, 40097),
        ({"query": {"access_token": ""}}, 41001),
        ({"query": {"access_token": "x"}}, 40001),
    ],
    ids=str,
)
def test_the_fake_refuses_what_wechat_refuses_in_json(ask, other, errcode):
    answer = ask(**other)

    assert (answer.status_code, answer.json()["errcode"]) == (200, errcode)
    assert answer.headers["content-type"] == "application/json; encoding=utf-8"
    assert re.search(r" rid: [0-9a-f-]{26}$", answer.json()["errmsg"])


def test_the_fake_draws_as_asked(ask):
    usual, clear = ask(), ask(is_hyaline=True, width="280", scene="!#$&'()*+,/:;=?@-._~")

    assert (usual.headers["content-type"], size_of(usual.content)) == ("image/jpeg", ("JPEG", 430))
    assert (clear.headers["content-type"], size_of(clear.content)) == ("image/png", ("PNG", 280))


def test_a_page_may_be_yet_to_come_where_nobody_checks_and_is_good_once_published(ask, http):
    assert ask(page="pages/new/new", check_path=False).status_code == 200
    http.post("/admin/pages", json={"pages": ["pages/new/new"]}).raise_for_status()

    assert size_of(ask(page="pages/new/new").content) == ("JPEG", 430)
    assert ask().json()["errcode"] == 41030


def test_the_fake_wants_json_in_a_post(ask, http):
    token = dict(ask().request.url.params)

    assert http.get(CODE, params=token).json()["errcode"] == 43002
    assert http.post(CODE, params=token, content=b"").json()["errcode"] == 44002
    assert http.post(CODE, params=token, content=b"scene=1").json()["errcode"] == 47001


def test_the_fake_draws_five_thousand_a_minute(fake_wechat):
    """Counted on the fake's own class: as many requests would take longer than the minute."""
    from scripts.fake_wechat_server.codes import A_MINUTE, Codes
    from scripts.fake_wechat_server.wrong import Wrong

    seconds = [0.0]
    codes = Codes(lambda: seconds[0])

    def errcode():
        with pytest.raises(Wrong) as wrong:
            codes.draw({"scene": ""})
        return wrong.value.errcode

    assert {errcode() for _ in range(A_MINUTE)} == {40169}
    assert errcode() == 45009
    seconds[0] = 60.0
    assert errcode() == 40169
