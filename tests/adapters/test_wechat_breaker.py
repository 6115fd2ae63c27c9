"""A WeChat that does not answer is left in peace for a while."""

import asyncio

import pytest

from scripts.fake_wechat_server import openid_of
from server.adapters.wechat import client
from server.errors.wechat import InvalidSignInCode, WeChatUnavailable
from tests.wechat import Ticks

GONE = 1000


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def wechat(connect, ticks, monkeypatch):
    # How long it rests between two tries is not the story here.
    monkeypatch.setattr(client, "PAUSE_SECONDS", 0)
    return connect(monotonic=ticks)


async def in_vain(wechat, times=1):
    for _ in range(times):
        with pytest.raises(WeChatUnavailable):
            await wechat.sign_in("dev-wangnainai")


async def opened(wechat, fake_wechat):
    """WeChat was gone for five sign-ins and is back now, but nobody knows yet."""
    fake_wechat.fault("bad_gateway", times=10)
    await in_vain(wechat, times=5)


async def test_after_five_failures_nobody_waits_for_wechat(wechat, fake_wechat, ticks):
    await opened(wechat, fake_wechat)
    asked = len(fake_wechat.calls())

    ticks.seconds += 14.9
    await in_vain(wechat, times=3)

    assert len(fake_wechat.calls()) == asked == 10


async def test_four_failures_are_not_yet_a_pattern(wechat, fake_wechat):
    fake_wechat.fault("bad_gateway", times=8)
    await in_vain(wechat, times=4)

    assert (await wechat.sign_in("dev-wangnainai")).openid == openid_of("wangnainai")


async def test_an_answer_starts_the_count_anew(wechat, fake_wechat):
    for _ in range(2):
        fake_wechat.fault("bad_gateway", times=8)
        await in_vain(wechat, times=4)
        await wechat.sign_in("dev-wangnainai")

    assert len(fake_wechat.calls()) == 18


async def test_refused_codes_are_answers_too(wechat, fake_wechat):
    for _ in range(6):
        with pytest.raises(InvalidSignInCode):
            await wechat.sign_in("nobody-gave-this")

    assert len(fake_wechat.calls()) == 6


async def test_after_fifteen_seconds_one_person_tries_for_all(wechat, fake_wechat, ticks):
    await opened(wechat, fake_wechat)
    ticks.seconds += 15
    fake_wechat.fault("delay", seconds=0.2)

    seen = await asyncio.gather(*(wechat.sign_in("dev-wangnainai") for _ in range(4)), return_exceptions=True)

    assert [type(one).__name__ for one in seen] == ["WeChatIdentity"] + ["WeChatUnavailable"] * 3


async def test_when_the_one_succeeds_all_may_again(wechat, fake_wechat, ticks):
    await opened(wechat, fake_wechat)
    ticks.seconds += 15
    await wechat.sign_in("dev-wangnainai")

    seen = await asyncio.gather(*(wechat.sign_in("dev-wangnainai") for _ in range(4)))

    assert len(seen) == 4


async def test_when_the_one_fails_another_fifteen_seconds_pass(wechat, fake_wechat, ticks):
    await opened(wechat, fake_wechat)
    ticks.seconds += 15
    fake_wechat.fault("bad_gateway", times=2)
    await in_vain(wechat)
    ticks.seconds += 14.9
    await in_vain(wechat)
    assert len(fake_wechat.calls()) == 12

    ticks.seconds += 0.1
    assert (await wechat.sign_in("dev-wangnainai")).openid == openid_of("wangnainai")


async def test_hanging_counts_as_not_answering(connect, fake_wechat, ticks):
    wechat = connect(monotonic=ticks, deadline_seconds=0.5)
    fake_wechat.fault("hang", times=GONE)

    await in_vain(wechat, times=7)

    assert len(fake_wechat.calls()) == 5


async def test_a_trial_that_is_cancelled_does_not_block_the_next_one(wechat, fake_wechat, ticks):
    await opened(wechat, fake_wechat)
    ticks.seconds += 15
    fake_wechat.fault("hang")
    before = len(fake_wechat.calls())
    trial = asyncio.create_task(wechat.sign_in("dev-wangnainai"))
    await fake_wechat.is_called(before + 1)
    trial.cancel()
    await asyncio.wait([trial])

    ticks.seconds += 15
    assert (await wechat.sign_in("dev-wangnainai")).openid == openid_of("wangnainai")


async def test_the_token_and_the_sign_in_share_what_they_learn(wechat, fake_wechat):
    await opened(wechat, fake_wechat)

    with pytest.raises(WeChatUnavailable):
        await wechat.access_token()

    assert fake_wechat.calls("/cgi-bin/stable_token") == []
