"""Access tokens: fetched once, shared by all, renewed once when refused."""

import asyncio
import json
import socket

import pytest
from wechatpy.exceptions import WeChatClientException

from server.adapters.wechat import responses
from server.errors.wechat import WeChatBusy, WeChatTooOften, WeChatUnavailable
from tests.wechat import Tokens

TOKEN = "/cgi-bin/stable_token"
QUOTA = "/cgi-bin/openapi/quota/get"
ASK = {"cgi_path": TOKEN}


async def test_a_token_is_asked_for_once_and_kept(connect, fake_wechat):
    wechat = connect()

    tokens = [await wechat.access_token() for _ in range(3)]

    [call] = fake_wechat.calls()
    assert set(tokens) == {call["answer"]["access_token"]}


async def test_the_stable_kind_is_asked_for_without_forcing(connect, fake_wechat):
    await connect().access_token()

    [call] = fake_wechat.calls(TOKEN)
    assert json.loads(call["body"]) == {
        "grant_type": "client_credential",
        "appid": fake_wechat.app_id,
        "secret": fake_wechat.app_secret,
        "force_refresh": False,
    }


async def test_a_token_is_renewed_five_minutes_early(connect):
    tokens = Tokens()

    await connect(tokens=tokens).access_token()

    assert tokens.seconds == [7200 - 300]


async def test_a_token_near_its_end_is_kept_for_half_a_minute(connect, fake_wechat):
    tokens = Tokens()
    await connect().access_token()
    fake_wechat.pass_time(7200 - 310)

    await connect(tokens=tokens).access_token()

    assert tokens.seconds == [30]


async def test_a_life_told_in_quotes_is_understood(connect, fake_wechat):
    tokens = Tokens()
    fake_wechat.fault("numbers_as_strings")

    await connect(tokens=tokens).access_token()

    assert tokens.seconds == [6900]


async def test_twenty_who_need_a_token_at_once_ask_once(connect, fake_wechat):
    wechat = connect()

    tokens = await asyncio.gather(*(wechat.access_token() for _ in range(20)))

    assert len(set(tokens)) == len(fake_wechat.calls(TOKEN)) == 1


async def test_another_process_finds_the_token_in_the_cache(connect, fake_wechat):
    tokens = Tokens()

    first = await connect(tokens=tokens).access_token()
    second = await connect(tokens=tokens).access_token()

    assert first == second
    assert len(fake_wechat.calls(TOKEN)) == 1


async def test_two_mini_programs_do_not_share_a_token(connect):
    tokens = Tokens()
    await connect(tokens=tokens).access_token()

    with pytest.raises(WeChatUnavailable):
        await connect(tokens=tokens, app_id="wx0").access_token()


async def test_caller_waiting_for_a_cancelled_refresh_asks_again(connect, fake_wechat):
    wechat = connect()
    fake_wechat.fault("hang", path=TOKEN)
    first = asyncio.create_task(wechat.access_token())
    second = asyncio.create_task(wechat.access_token())
    await fake_wechat.is_called(1)

    first.cancel()

    assert await second == fake_wechat.calls(TOKEN)[-1]["answer"]["access_token"]
    assert first.cancelled()


async def test_waiting_for_a_refresh_has_the_deadline_of_a_call(connect, fake_wechat):
    wechat = connect(deadline_seconds=0.3)
    fake_wechat.fault("hang", path=TOKEN, times=9)

    seen = await asyncio.gather(*(wechat.access_token() for _ in range(9)), return_exceptions=True)

    assert {type(one) for one in seen} == {WeChatUnavailable}


@pytest.mark.parametrize("errcode", [40001, 40013, 40125, 40164, 45009, 0])
async def test_no_token_means_unavailable_and_is_asked_for_once(connect, fake_wechat, caplog, errcode):
    fake_wechat.fault("errcode", errcode=errcode, path=TOKEN)

    with pytest.raises(WeChatUnavailable):
        await connect().access_token()

    assert len(fake_wechat.calls()) == 1
    assert [record.levelname for record in caplog.records if record.name.startswith("server")] == ["ERROR"]


@pytest.mark.parametrize(("errcode", "refusal"), [(-1, WeChatBusy), (45011, WeChatTooOften)])
async def test_a_token_that_has_to_wait_says_so(connect, fake_wechat, errcode, refusal):
    fake_wechat.fault("errcode", errcode=errcode, path=TOKEN, times=2)

    with pytest.raises(refusal):
        await connect().access_token()


@pytest.mark.parametrize("expires_in", [None, True, "soon", -5, 1.5, "７２００x"])
async def test_a_life_that_is_no_number_is_refused(expires_in):
    with pytest.raises(WeChatUnavailable):
        responses.whole_number({"errcode": 0, "expires_in": expires_in}, "expires_in")


async def test_a_call_carries_the_token_in_its_address_and_utf8_in_its_body(connect, fake_wechat):
    wechat = connect()

    with pytest.raises(WeChatClientException):
        await wechat.call("/wxa/msg_sec_check", {"content": "王奶奶"})

    [call] = fake_wechat.calls("/wxa/msg_sec_check")
    assert call["query"] == {"access_token": await wechat.access_token()}
    assert call["body"] == '{"content": "王奶奶"}'


async def test_a_call_gives_the_answer(connect):
    answer = await connect().call(QUOTA, ASK)

    assert answer["quota"] == {"daily_limit": 500_000, "used": 1, "remain": 499_999}


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_and_the_call_repeated(connect, fake_wechat, errcode):
    fake_wechat.fault("errcode", errcode=errcode, path=QUOTA)

    answer = await connect().call(QUOTA, ASK)

    assert answer["quota"]["used"] == 2
    assert [call["path"] for call in fake_wechat.calls()] == [TOKEN, QUOTA, TOKEN, QUOTA]


async def test_a_token_that_stays_refused_is_not_chased(connect, fake_wechat, caplog):
    fake_wechat.fault("errcode", errcode=40001, path=QUOTA, times=50)

    with pytest.raises(WeChatUnavailable):
        await connect().call(QUOTA, ASK)

    assert [call["path"] for call in fake_wechat.calls()] == [TOKEN, QUOTA, TOKEN, QUOTA]
    assert "errcode 40001" in caplog.text


async def test_twenty_calls_with_an_expired_token_renew_it_once(connect, fake_wechat):
    wechat = connect()
    old = await wechat.access_token()
    fake_wechat.pass_time(7200)

    seen = await asyncio.gather(*(wechat.call(QUOTA, ASK) for _ in range(20)))

    assert len(seen) == 20
    assert await wechat.access_token() != old
    assert len(fake_wechat.calls(TOKEN)) == 2


async def test_a_call_that_may_have_been_carried_out_is_not_repeated(connect, fake_wechat):
    fake_wechat.fault("reset", path=QUOTA)

    with pytest.raises(WeChatUnavailable):
        await connect().call(QUOTA, ASK)

    assert len(fake_wechat.calls(QUOTA)) == 1


async def test_a_call_that_never_left_is_tried_again(connect, caplog):
    tokens = Tokens()
    await connect(tokens=tokens).access_token()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(WeChatUnavailable):
            await connect(tokens=tokens, base_url=f"http://127.0.0.1:{taken.getsockname()[1]}").call(QUOTA, ASK)

    assert caplog.text.count(f"WeChat did not answer {QUOTA}: ConnectError") == 2


async def test_a_call_that_wechat_was_too_busy_for_is_repeated(connect, fake_wechat):
    fake_wechat.fault("errcode", errcode=-1, path=QUOTA)

    await connect().call(QUOTA, ASK)

    assert len(fake_wechat.calls(QUOTA)) == 2


@pytest.mark.parametrize(("errcode", "refusal"), [(45011, WeChatTooOften), (45009, WeChatUnavailable)])
async def test_a_used_up_quota_refuses_the_call(connect, fake_wechat, errcode, refusal):
    fake_wechat.fault("errcode", errcode=errcode, path=QUOTA)

    with pytest.raises(refusal):
        await connect().call(QUOTA, ASK)


async def test_errcode_about_the_request_is_raised_to_the_caller(connect):
    with pytest.raises(WeChatClientException) as told:
        await connect().call(QUOTA, {"cgi_path": "/nowhere"})

    assert told.value.errcode == 76021


async def test_wechatpys_own_calls_go_the_same_way(connect, fake_wechat):
    with pytest.raises(WeChatClientException) as told:
        await connect().wxa.get_category()

    assert told.value.errcode == 40066
    assert [call["path"] for call in fake_wechat.calls()] == [TOKEN, "/wxa/get_category"]


async def test_wechatpys_picking_of_the_answer_is_respected(connect):
    used = await connect().post("openapi/quota/get", data=ASK, result_processor=lambda answer: answer["quota"]["used"])

    assert used == 1
