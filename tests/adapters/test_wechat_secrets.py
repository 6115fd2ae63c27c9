"""Nothing secret is written down: not in logs, not in exceptions, not in what a debugger prints."""

import asyncio
import logging
import traceback

import pytest
from wechatpy.exceptions import WeChatException

from server.errors.base import Refusal

SECRET = "canary0secret0canary0secret0"
QUOTA = "/cgi-bin/openapi/quota/get"
SIGN_IN_FAULTS = [
    None,
    {"kind": "bad_gateway"},
    {"kind": "truncated"},
    {"kind": "reset"},
    {"kind": "hang"},
    {"kind": "errcode", "errcode": 40164},
    {"kind": "errcode", "errcode": -1},
    {"kind": "errcode", "errcode": 40029},
]


def written(error):
    """Everything a logger, a debugger or an error page could print of it, and of what led to it."""
    chain = [error, error.__context__, error.__cause__]
    return "".join(traceback.format_exception(error)) + "".join(f"{e!r}{e!s}{vars(e)}" for e in chain if e is not None)


async def spoken(work):
    try:
        return repr(await work)
    except (Refusal, WeChatException, TimeoutError) as error:
        return written(error)


@pytest.fixture
def said(caplog):
    # Everything, httpx and its transport included.
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.mark.parametrize("fault", SIGN_IN_FAULTS, ids=str)
async def test_a_sign_in_gives_nothing_away(connect, fake_wechat, said, fault):
    wechat, code = connect(deadline_seconds=0.6 if fault else 60), fake_wechat.new_code("oWang")
    if fault:
        fake_wechat.fault(**fault, times=9)

    spoke = await spoken(wechat.sign_in(code)) + repr(wechat) + said.text

    keys = [call["answer"].get("session_key") for call in fake_wechat.calls()]
    leaked = {fake_wechat.app_secret, code, *filter(None, keys)}
    assert [secret for secret in leaked if secret in spoke] == []
    assert fault or keys[0], "there was a session key to give away"


async def test_httpx_still_logs_where_it_went(connect, said):
    await connect().sign_in("dev-wangnainai")

    assert '/sns/jscode2session "HTTP/1.1 200 OK"' in said.text


async def test_other_httpx_logs_are_unchanged(connect, said):
    connect()

    logging.getLogger("httpx").info("%(what)s happened", {"what": "something"})

    assert "something happened" in said.text


@pytest.mark.parametrize("errcode", [0, -1, 40001, 45011, 48001, 99999])
async def test_a_call_gives_no_token_away(connect, fake_wechat, said, errcode):
    wechat = connect()
    token = await wechat.access_token()
    fake_wechat.fault("errcode", errcode=errcode, path=QUOTA, times=9, errmsg=f"no, {token}")

    spoke = await spoken(wechat.call(QUOTA, {})) + repr(wechat) + said.text

    assert errcode == 0 or token not in spoke
    assert fake_wechat.app_secret not in spoke
    assert QUOTA in spoke


async def test_wechat_repeating_our_secret_does_not_bring_it_into_the_log(connect, fake_wechat, said):
    fake_wechat.fault("errcode", errcode=40125, errmsg=f"invalid appsecret {SECRET} for dev-wangnainai")

    spoke = await spoken(connect(app_secret=SECRET).sign_in("dev-wangnainai")) + said.text

    assert "invalid appsecret *** for ***" in spoke
    assert SECRET not in spoke
    assert "dev-wangnainai" not in spoke


async def test_a_cancelled_sign_in_gives_nothing_away(connect, fake_wechat, said):
    fake_wechat.fault("hang")

    spoke = await spoken(asyncio.wait_for(connect(app_secret=SECRET).sign_in("dev-wangnainai"), timeout=0.2))

    assert "TimeoutError" in spoke
    assert SECRET not in spoke + said.text
    assert "dev-wangnainai" not in spoke + said.text


async def test_an_identity_holds_nothing_but_who_it_is(connect):
    wang = await connect().sign_in("dev-wangnainai")

    assert set(vars(wang)) == {"openid", "unionid"}
