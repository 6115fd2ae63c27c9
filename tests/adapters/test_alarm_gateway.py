"""The gateway that reaches duty phones, spoken to over real HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from scripts.services import free_port
from server.adapters import alarm_gateway
from server.adapters.alarm_gateway import AlarmFailed, AlarmGateway
from tests.wechat import FakeWeChat

ALARM = {"key": "crisis:7:1", "kind": "crisis", "text": "紧急需求：邻玉社工站", "phones": ["13900000000"]}


@pytest.fixture
async def gateway(fake_wechat: FakeWeChat) -> AsyncIterator[AlarmGateway]:
    made = AlarmGateway(f"{fake_wechat.url}/alarms")
    yield made
    await made.close()


@pytest.fixture
async def at():
    """Gateways at other addresses."""
    made: list[AlarmGateway] = []

    def _at(url: str) -> AlarmGateway:
        made.append(AlarmGateway(url))
        return made[-1]

    yield _at
    for one in made:
        await one.close()


async def test_the_gateway_is_told_whom_to_call_and_what_to_say(gateway, fake_wechat):
    await gateway.sound(**ALARM)

    assert fake_wechat.alarms() == [ALARM]


async def test_an_alarm_without_a_gateway_is_never_thought_sent(at):
    with pytest.raises(AlarmFailed, match="ALARM_URL is not set"):
        await at("").sound(**ALARM)


async def test_an_alarm_for_nobody_is_never_thought_sent(gateway, fake_wechat):
    with pytest.raises(AlarmFailed, match="no phone number"):
        await gateway.sound(**{**ALARM, "phones": []})

    assert fake_wechat.alarms() == []


@pytest.mark.parametrize("kind", ["errcode", "bad_gateway", "reset"])
async def test_a_gateway_that_does_not_take_it_makes_it_fail(gateway, fake_wechat, kind):
    fake_wechat.fault(kind, path="/alarms")

    with pytest.raises(AlarmFailed):
        await gateway.sound(**ALARM)


async def test_a_refusal_names_the_status_and_repeats_nothing_of_the_alarm(gateway, fake_wechat):
    fake_wechat.fault("errcode", path="/alarms")

    with pytest.raises(AlarmFailed) as failed:
        await gateway.sound(**ALARM)

    assert str(failed.value) == "the gateway answered 503"


@pytest.mark.parametrize("url", ["no address at all", "http://[broken", "ftp://127.0.0.1/alarms"])
async def test_an_address_that_is_none_makes_it_fail(at, url):
    with pytest.raises(AlarmFailed):
        await at(url).sound(**ALARM)


async def test_unreachable_gateway_fails_without_naming_the_address(at):
    with pytest.raises(AlarmFailed) as failed:
        await at(f"http://user:secret@127.0.0.1:{free_port()}/").sound(**ALARM)

    assert str(failed.value) == "ConnectError"


async def test_gateway_that_answers_byte_by_byte_fails_in_time(at, monkeypatch):
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.05)

    monkeypatch.setattr(alarm_gateway, "CALL_SECONDS", 0.3)
    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(AlarmFailed, match=r"TimeoutError|RemoteProtocolError"):
            await at(f"http://127.0.0.1:{port}").sound(**ALARM)
