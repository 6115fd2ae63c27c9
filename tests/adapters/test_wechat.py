"""Signing in through WeChat, on its good days and its bad ones."""

import asyncio
import logging
import socket
import subprocess
import sys

import pytest

from scripts.fake_wechat_server import openid_of
from server.adapters.wechat import WeChatIdentity, responses
from server.errors.wechat import (
    InvalidSignInCode,
    WeChatAccountBlocked,
    WeChatBusy,
    WeChatTooOften,
    WeChatUnavailable,
)
from tests.wechat import ROOT

SIGN_IN = "/sns/jscode2session"


async def test_a_code_tells_who_signed_in(connect, fake_wechat):
    wang = await connect().sign_in(fake_wechat.new_code("oWang"))

    assert wang == WeChatIdentity(openid="oWang", unionid=None)


async def test_the_unionid_comes_along_where_the_city_has_one(connect, fake_wechat):
    wang = await connect().sign_in(fake_wechat.new_code("oWang", unionid="uWang"))

    assert wang == WeChatIdentity(openid="oWang", unionid="uWang")


async def test_a_developer_signs_in_as_the_same_person_every_time(connect):
    wechat = connect()

    seen = [await wechat.sign_in("dev-wangnainai") for _ in range(2)]

    assert {someone.openid for someone in seen} == {openid_of("wangnainai")}


async def test_signing_in_needs_no_access_token(connect, fake_wechat):
    fake_wechat.fault("errcode", errcode=45009, path="/cgi-bin/stable_token", times=9)

    await connect().sign_in("dev-wangnainai")

    assert [call["path"] for call in fake_wechat.calls()] == [SIGN_IN]


async def test_request_has_the_form_wechat_requires(connect, fake_wechat):
    await connect().sign_in("dev-wang&secret=x 1")

    assert fake_wechat.calls()[0]["query"] == {
        "appid": fake_wechat.app_id,
        "secret": fake_wechat.app_secret,
        "js_code": "dev-wang&secret=x 1",
        "grant_type": "authorization_code",
    }


async def test_a_code_works_once(connect, fake_wechat):
    wechat, code = connect(), fake_wechat.new_code("oWang")
    await wechat.sign_in(code)

    with pytest.raises(InvalidSignInCode):
        await wechat.sign_in(code)


async def test_a_code_works_for_five_minutes(connect, fake_wechat):
    wechat, in_time, late = connect(), fake_wechat.new_code("oWang"), fake_wechat.new_code("oLi")
    fake_wechat.pass_time(290)
    await wechat.sign_in(in_time)
    fake_wechat.pass_time(10)

    with pytest.raises(InvalidSignInCode):
        await wechat.sign_in(late)


@pytest.mark.parametrize("code", ["", "nobody-gave-this", "\0", "dev-", "x" * 5000])
async def test_a_made_up_code_is_refused(connect, code):
    with pytest.raises(InvalidSignInCode):
        await connect().sign_in(code)


@pytest.mark.parametrize("code", ["王奶奶", "\ud800", "\ue000"])
async def test_malformed_code_is_not_sent(connect, fake_wechat, code):
    with pytest.raises(InvalidSignInCode):
        await connect().sign_in(code)

    assert fake_wechat.calls() == []


@pytest.mark.parametrize(
    ("errcode", "refusal"),
    [(40029, InvalidSignInCode), (40163, InvalidSignInCode), (40226, WeChatAccountBlocked), (45011, WeChatTooOften)],
)
async def test_each_errcode_becomes_its_refusal_and_is_not_asked_again(connect, fake_wechat, errcode, refusal):
    fake_wechat.fault("errcode", errcode=errcode)

    with pytest.raises(refusal):
        await connect().sign_in("dev-wangnainai")

    assert len(fake_wechat.calls(SIGN_IN)) == 1


async def test_a_busy_wechat_is_asked_once_more(connect, fake_wechat):
    fake_wechat.fault("errcode", errcode=-1)

    assert (await connect().sign_in("dev-wangnainai")).openid == openid_of("wangnainai")
    assert len(fake_wechat.calls(SIGN_IN)) == 2


async def test_a_wechat_that_stays_busy_is_left_alone(connect, fake_wechat):
    fake_wechat.fault("errcode", errcode=-1, times=9)

    with pytest.raises(WeChatBusy):
        await connect().sign_in("dev-wangnainai")

    assert len(fake_wechat.calls(SIGN_IN)) == 2


@pytest.mark.parametrize("kind", ["reset", "bad_gateway", "truncated"])
async def test_a_lost_answer_is_asked_for_once_more(connect, fake_wechat, kind):
    fake_wechat.fault(kind)

    assert (await connect().sign_in("dev-wangnainai")).openid == openid_of("wangnainai")
    assert len(fake_wechat.calls(SIGN_IN)) == 2


@pytest.mark.parametrize("kind", ["reset", "bad_gateway", "truncated"])
async def test_after_two_lost_answers_the_resident_is_told_to_come_back(connect, fake_wechat, kind):
    fake_wechat.fault(kind, times=9)

    with pytest.raises(WeChatUnavailable):
        await connect().sign_in("dev-wangnainai")

    assert len(fake_wechat.calls(SIGN_IN)) == 2


@pytest.mark.parametrize("kind", ["reset", "bad_gateway", "truncated"])
async def test_a_code_used_up_by_a_lost_answer_means_sign_in_again(connect, fake_wechat, kind):
    wechat, code = connect(), fake_wechat.new_code("oWang")
    fake_wechat.fault(kind)

    with pytest.raises(InvalidSignInCode):
        await wechat.sign_in(code)

    assert [call["answer"].get("errcode") for call in fake_wechat.calls()] == [None, 40163]


async def test_a_wechat_that_hangs_is_given_up(connect, fake_wechat):
    fake_wechat.fault("hang")

    with pytest.raises(WeChatUnavailable) as refused:
        await connect(deadline_seconds=1).sign_in("dev-wangnainai")

    assert refused.value.__context__ is None, "what led to it may hold the URL"
    assert len(fake_wechat.calls(SIGN_IN)) == 1


async def test_a_slow_wechat_is_waited_for(connect, fake_wechat):
    fake_wechat.fault("delay", seconds=0.3)

    assert (await connect().sign_in("dev-wangnainai")).openid == openid_of("wangnainai")


async def test_good_words_with_a_bad_status_are_not_believed(connect):
    async def say(_, writer):
        body = b'{"openid":"oSomebodyElse"}'
        writer.write(b"HTTP/1.1 500 Oh\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as confused:
        port = confused.sockets[0].getsockname()[1]
        with pytest.raises(WeChatUnavailable):
            await connect(base_url=f"http://127.0.0.1:{port}").sign_in("dev-wangnainai")


async def test_a_wechat_that_drips_is_given_up_at_the_deadline(connect):
    async def drip(_, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.05)
        writer.close()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as dripping:
        port = dripping.sockets[0].getsockname()[1]
        with pytest.raises(WeChatUnavailable):
            await connect(base_url=f"http://127.0.0.1:{port}", deadline_seconds=1).sign_in("dev-wangnainai")


async def test_when_nobody_listens_the_resident_is_told_to_come_back(connect, caplog):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(WeChatUnavailable):
            await connect(base_url=f"http://127.0.0.1:{taken.getsockname()[1]}").sign_in("dev-wangnainai")

    assert caplog.text.count("WeChat did not answer /sns/jscode2session: ConnectError") == 2


async def test_the_content_type_is_not_believed(connect, fake_wechat):
    fake_wechat.fault("wrong_content_type")

    assert (await connect().sign_in("dev-wangnainai")).openid == openid_of("wangnainai")


async def test_an_errcode_in_quotes_is_still_an_errcode(connect, fake_wechat):
    fake_wechat.fault("numbers_as_strings")

    with pytest.raises(InvalidSignInCode):
        await connect().sign_in("nobody-gave-this")


async def test_an_answer_without_a_person_signs_nobody_in(connect, fake_wechat):
    fake_wechat.fault("errcode", errcode=0)

    with pytest.raises(WeChatUnavailable):
        await connect().sign_in("dev-wangnainai")


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"x"', b'{"errcode":"x"}', b'{"errcode":null}', b"\xff\xfe\xfa", b"[" * 100_000],
)
def test_an_answer_that_makes_no_sense_is_none(body):
    assert responses.read(body) is None


@pytest.mark.parametrize("body", [b'{"a":1}', b'{"a":1,"errcode":0}', b'{"a":1,"errcode":"0"}'])
def test_no_errcode_means_all_is_well(body):
    assert responses.read(body) == {"a": 1, "errcode": 0}


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"app_id": "wx0"}, "errcode 40013, 'invalid appid rid: "),
        ({"app_secret": "wrong"}, "errcode 40125, 'invalid appsecret rid: "),
        ({"app_secret": ""}, "errcode 41004, 'appsecret missing rid: "),
    ],
)
async def test_wrong_settings_trouble_the_administrator_not_the_resident(connect, caplog, wrong, complaint):
    with pytest.raises(WeChatUnavailable):
        await connect(**wrong).sign_in("dev-wangnainai")

    [line] = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert line.startswith(f"WeChat refuses /sns/jscode2session: {complaint}")


@pytest.mark.parametrize("errcode", [40164, 45009, 48001, 99999])
async def test_administrators_error_is_logged_once(connect, fake_wechat, caplog, errcode):
    fake_wechat.fault("errcode", errcode=errcode)

    with pytest.raises(WeChatUnavailable):
        await connect().sign_in("dev-wangnainai")

    assert sum(f"errcode {errcode}" in r.getMessage() for r in caplog.records if r.levelno == logging.ERROR) == 1
    assert len(fake_wechat.calls()) == 1


async def test_the_administrator_reads_which_address_to_put_on_the_list(connect, fake_wechat, caplog):
    fake_wechat.fault("errcode", errcode=40164)

    with pytest.raises(WeChatUnavailable):
        await connect().sign_in("dev-wangnainai")

    assert "invalid ip 127.0.0.1" in caplog.text


async def test_many_people_sign_in_at_once(connect):
    wechat = connect()

    seen = await asyncio.gather(*(wechat.sign_in(f"dev-{n}") for n in range(30)))

    assert [someone.openid for someone in seen] == [openid_of(str(n)) for n in range(30)]


async def test_once_closed_it_asks_nothing_more(connect, fake_wechat):
    wechat = connect()
    await wechat.close()
    await wechat.close()

    with pytest.raises(WeChatUnavailable):
        await wechat.sign_in("dev-wangnainai")

    assert fake_wechat.calls() == []


def test_client_is_imported_without_a_warning():
    command = [sys.executable, "-W", "error", "-c", "import server.adapters.wechat"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
