"""The story of a crisis at night over HTTP: heard without a home, read by the officer on duty alone, and referred."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from server.jobs.context import JobContext, job_context
from server.settings import Settings
from tests.conftest import FakeClock
from tests.factories import City
from tests.handlers.tasks.doing import ok, refused
from tests.jobs.working import work_off
from tests.people import Phone
from tests.sides import sign_in

# 和平社区 has a community room where nobody works; its county is 江阳区.
PLACE, ROOM, RECEIVER = "和平社区", "和平社工室", "蓝田社工站"
EVENING, NIGHT = datetime(2026, 3, 10, 10, tzinfo=UTC), datetime(2026, 3, 10, 15, 30, tzinfo=UTC)
STAND_INS = ("赵站长", "冯科长")
DUTY_PHONE = "13700000009"
PLEA = {
    "category": "marriage_family",
    "text": "我老公又打我，头上都是血，我不想活了。",
    "contact_name": "李红梅",
    "contact_phone": "13987654321",
    "urgency": "emergency",
}
AGAIN = "他在楼下砸门，我不想活了"
# What nobody but the people who help her may read.
SECRETS = ("头上都是血", "不想活", "砸门", "李红梅", "13987654321", "亲戚家", "住在二楼")
# What staff and neighbours may ask for.
QUESTIONS = ("/station/needs", "/station/call-backs", "/appeals", "/extensions", "/me/notifications", "/needs")


@dataclass
class Cast:
    """The phones of the people in the story, and those of everybody who must not read a word."""

    hongmei: Phone
    feng: Phone  # officer of the county, on duty
    wu: Phone  # head of the receiving station
    zhou: Phone  # its social worker
    others: dict[str, Phone] = field(default_factory=dict)


@pytest.fixture
async def cast(client, phone_of, town: City, clock: FakeClock) -> Cast:
    """李红梅 has chosen no home; 冯科长 is an officer of her county."""
    clock.set(EVENING)

    async def staff_phone(name: str) -> Phone:
        person_id = town.staff[name].person_id
        return Phone(client, await sign_in(person_id, clock.now()), person_id)

    main = [await staff_phone(name) for name in ("冯科长", "吴站长", "周社工")]
    others = {name: await staff_phone(name) for name in town.staff if name not in {"冯科长", "吴站长", "周社工"}}
    others["邻居"] = await phone_of("wangnainai")
    return Cast(await phone_of("hongmei"), *main, others)


@pytest.fixture
async def context(settings: Settings, clock: FakeClock) -> AsyncIterator[JobContext]:
    """The job runner, with the fake clock and the fake gateway."""
    made = job_context(settings, clock)
    yield made
    await made.close()


async def test_plea_at_night_is_read_by_the_officer_on_duty_and_helpers_alone(
    cast: Cast, town: City, clock: FakeClock, context: JobContext, fake_wechat
):
    await _feng_is_on_duty(cast, town)
    clock.set(NIGHT)
    need = await _she_is_heard_without_a_home(cast, town)
    await _the_phone_of_who_is_on_duty_rings_once(context, fake_wechat)
    assert await _words_read(cast, need, "吴站长", "周社工", "冯科长") == []

    await _feng_opens_it_calls_and_acknowledges(cast, need, clock)
    await _no_phone_rings_again(context, clock, fake_wechat, rung=1)
    await _feng_refers_it_without_a_word(cast, town, need)
    await _she_writes_again_and_it_rings_again(cast, need, context, clock, fake_wechat)
    assert await _words_read(cast, need, "吴站长", "周社工") == []

    clock.forward(hours=9)
    await _wu_accepts_and_assigns_it(cast, need)
    await _zhou_serves_her(cast, need)
    assert await _words_read(cast, need, "冯科长") == []
    await _she_reads_who_has_read_it(cast, need)


async def _feng_is_on_duty(cast: Cast, town: City) -> None:
    shift = {
        "person_id": cast.feng.person_id,
        "county_id": town.areas["江阳区"].id,
        "starts_at": "2026-03-10T20:00:00+08:00",
        "ends_at": "2026-03-11T08:00:00+08:00",
    }
    offered = await ok(await cast.feng.post("/station/duty-shifts", shift), 201)
    await ok(await cast.feng.post(f"/duty-shifts/{offered['id']}/acceptance", {"phone": DUTY_PHONE}))


async def _she_is_heard_without_a_home(cast: Cast, town: City) -> int:
    assert (await ok(await cast.hongmei.get("/me")))["home"] is None
    filed = await ok(await cast.hongmei.post("/needs", PLEA | {"area_id": town.areas[PLACE].id}), 201)
    assert filed["station"]["name"] == ROOM
    assert [one["phone"] for one in filed["emergency"]["phones"]] == ["110", "120", "12356"]
    return filed["id"]


async def _the_phone_of_who_is_on_duty_rings_once(context: JobContext, fake_wechat) -> None:
    await work_off(context)
    [alarm] = fake_wechat.alarms()
    assert DUTY_PHONE in alarm["phones"]
    assert not any(secret in alarm["text"] for secret in (*SECRETS, "婚姻"))


async def _words_read(cast: Cast, need: int, *more: str) -> list[str]:
    """Ask for everything as everybody else, also as these of the cast. Return who reads which of her words where.

    Those who stand in where nobody works could open the need, which she would read in her list; they do not.
    """
    named = {"冯科长": cast.feng, "吴站长": cast.wu, "周社工": cast.zhou}
    found = []
    for name, phone in {**cast.others, **{name: named[name] for name in more}}.items():
        opening = () if name in STAND_INS else (f"/station/needs/{need}",)
        for path in (*QUESTIONS, *opening, f"/needs/{need}"):
            answer = await phone.get(path)
            found += [f"{name} reads {secret} in {path}: {answer.text}" for secret in SECRETS if secret in answer.text]
    return found


async def _feng_opens_it_calls_and_acknowledges(cast: Cast, need: int, clock: FakeClock) -> None:
    path = f"/station/needs/{need}"
    assert refused(await cast.feng.post(f"{path}/crisis-acknowledgement")) == (409, "crisis_not_opened")
    assert "正在联系您" not in await _her_story(cast, need)

    opened = await ok(await cast.feng.post(f"{path}/crisis-opening", {"reason": "值班电话响了"}))
    assert (opened["name"], opened["phone"], opened["text"]) == ("李红梅", "13987654321", PLEA["text"])
    clock.forward(minutes=2)
    await ok(await cast.feng.post(f"{path}/crisis-acknowledgement"))
    await ok(await cast.feng.post(f"{path}/note", {"message": "已通话，人在亲戚家，安全。", "note": "住在二楼"}))
    assert "正在联系您" in await _her_story(cast, need)


async def _her_story(cast: Cast, need: int) -> str:
    lines = (await ok(await cast.hongmei.get(f"/needs/{need}")))["timeline"]
    return "\n".join(f"{line['actor']}：{line['message']}" for line in lines)


async def _no_phone_rings_again(context: JobContext, clock: FakeClock, fake_wechat, *, rung: int) -> None:
    clock.forward(minutes=25)
    await work_off(context)
    assert len(fake_wechat.alarms()) == rung


async def _feng_refers_it_without_a_word(cast: Cast, town: City, need: int) -> None:
    referral = {"station_id": town.stations[RECEIVER].id, "reason": "她暂住亲戚家，由蓝田就近服务"}
    referred = await ok(await cast.feng.post(f"/station/needs/{need}/referral", referral))
    assert referred["status"] == "referred"


async def _she_writes_again_and_it_rings_again(
    cast: Cast, need: int, context: JobContext, clock: FakeClock, fake_wechat
) -> None:
    answer = await ok(await cast.hongmei.post(f"/needs/{need}/reminders", {"message": AGAIN}))
    assert answer["emergency"]["need_id"] == need
    await work_off(context)
    assert len(fake_wechat.alarms()) == 2
    assert DUTY_PHONE in fake_wechat.alarms()[1]["phones"]

    path = f"/station/needs/{need}"
    assert refused(await cast.feng.post(f"{path}/crisis-acknowledgement")) == (409, "crisis_not_opened")
    await ok(await cast.feng.post(f"{path}/crisis-opening", {"reason": "她再次求助"}))
    await ok(await cast.feng.post(f"{path}/crisis-acknowledgement"))
    await _no_phone_rings_again(context, clock, fake_wechat, rung=2)


async def _wu_accepts_and_assigns_it(cast: Cast, need: int) -> None:
    path = f"/station/needs/{need}"
    before = await ok(await cast.wu.get(path))
    assert (before["text"], before["confidential"]) == (None, True)
    await ok(await cast.wu.post(f"{path}/referral-acceptance"))
    after = await ok(await cast.wu.get(path))
    assert after["text"] == PLEA["text"]
    await ok(await cast.wu.post(f"{path}/assignment", {"worker_id": cast.zhou.person_id}))


async def _zhou_serves_her(cast: Cast, need: int) -> None:
    path = f"/station/needs/{need}"
    await ok(await cast.zhou.post(f"{path}/start"))
    assert (await ok(await cast.zhou.get(path)))["text"] == PLEA["text"]
    contact = await ok(await cast.zhou.post(f"{path}/contact", {"reason": "上门前联系"}))
    assert contact["phone"] == "13987654321"


async def _she_reads_who_has_read_it(cast: Cast, need: int) -> None:
    listed = (await ok(await cast.hongmei.get("/me/readings")))["items"]

    assert [(one["reader"], one["kind"], one["reason"]) for one in listed] == [
        ("周社工", "contact", "上门前联系"),
        ("周社工", "confidential", ""),
        ("吴站长", "confidential", ""),
        ("冯科长", "crisis", "她再次求助"),
        ("冯科长", "crisis", "值班电话响了"),
    ]
    assert {one["reference"]["id"] for one in listed} == {need}
    story = await _her_story(cast, need)
    for words in ("值班人员打开了您的求助", "正在联系您", "转介", "已安排周社工"):
        assert words in story, story
