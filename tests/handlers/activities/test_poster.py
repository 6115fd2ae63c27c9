"""Posters through HTTP: drawn once, with or without WeChat's code, drawn again after changes."""

import asyncio
import io
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from redis import Redis

from server.adapters import poster_drawing
from server.adapters.sheet_texts import PHONE, PosterText
from server.handlers.activities import mini_program_codes
from server.handlers.activities.poster import PosterCache, when_in_words
from server.models import Activity, ActivityStatus
from tests.factories import activities as make

CODE = "/wxa/getwxacodeunlimit"
S = ActivityStatus


@pytest.fixture
async def activity(town):
    return await make.activity(town)


@pytest.fixture
def poster(client):
    """Request a poster and return the response."""

    async def poster(activity, **query):
        return await client.get(f"/api/v1/activities/{activity.id}/poster", params=query)

    return poster


def picture(answer) -> Image.Image:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png"), answer.text
    with Image.open(io.BytesIO(answer.content)) as found:
        return found.convert("RGB")


@pytest.mark.parametrize(
    ("query", "size"), [({}, (1080, 1920)), ({"size": "phone"}, (1080, 1920)), ({"size": "a4"}, (1240, 1754))]
)
async def test_poster_is_public_in_both_sizes(poster, activity, query, size):
    answer = await poster(activity, **query)

    assert picture(answer).size == size
    assert answer.headers["Cache-Control"] == "public, max-age=60"


async def test_code_opens_the_activity_in_the_mini_program(poster, activity, fake_wechat):
    await poster(activity)

    [call] = fake_wechat.calls(CODE)
    assert f'"scene": "activity={activity.id}"' in call["body"]
    assert '"page": "pages/activity/activity"' in call["body"]


async def test_code_is_requested_from_wechat_once(poster, activity, fake_wechat):
    for size in ("a4", "phone", "a4"):
        await poster(activity, size=size)
    await Activity.filter(id=activity.id).update(title="免费义诊")
    await poster(activity)

    assert len(fake_wechat.calls(CODE)) == 1


async def test_poster_is_drawn_once_until_the_activity_changes(poster, activity, monkeypatch):
    drawn = []
    draw = poster_drawing.poster
    monkeypatch.setattr(poster_drawing, "poster", lambda *said: drawn.append(said) or draw(*said))

    first = [await poster(activity) for _ in range(2)]
    await Activity.filter(id=activity.id).update(place="二楼")
    changed = await poster(activity)

    assert len(drawn) == 2
    assert first[0].content == first[1].content != changed.content


async def test_waiting_request_gets_the_poster_drawn_for_another(poster, activity, monkeypatch):
    await poster(activity, size="a4")  # its code is there
    drawn = []
    draw = poster_drawing.poster
    monkeypatch.setattr(poster_drawing, "poster", lambda *said: drawn.append(said) or draw(*said))

    answers = await asyncio.gather(*(poster(activity, size="phone") for _ in range(4)))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert len(drawn) == 1


@pytest.mark.parametrize(
    "fault", [{"errcode": 41030}, {"errcode": 45009}, {"errcode": 45011}, {"errcode": -1, "times": 2}]
)
async def test_poster_without_code_says_how_to_find_the_activity(poster, activity, fake_wechat, fault):
    fake_wechat.fault("errcode", path=CODE, **fault)

    without = await poster(activity)

    assert without.headers["Cache-Control"] == "no-store"
    assert picture(without).size == (1080, 1920)


async def test_wechat_is_not_asked_for_a_minute_after_a_refusal(poster, activity, town, fake_wechat):
    fake_wechat.fault("errcode", path=CODE, errcode=41030)
    other = await make.activity(town, title="义诊")

    for one in (activity, other, activity):
        await poster(one)

    assert len(fake_wechat.calls(CODE)) == 1


@pytest.fixture
def pause_ends(valkey_url):
    """End the pause after a refusal of WeChat."""

    def end():
        with Redis.from_url(valkey_url) as valkey:
            assert valkey.delete(mini_program_codes.PAUSE) == 1

    return end


async def test_code_appears_as_soon_as_wechat_draws_it(poster, activity, pause_ends, fake_wechat):
    fake_wechat.fault("errcode", path=CODE, errcode=41030)
    without = await poster(activity)
    pause_ends()

    code = await poster(activity)

    assert ImageChops.difference(picture(without), picture(code)).getbbox() is not None
    assert code.headers["Cache-Control"] == "public, max-age=60"


async def test_code_from_wechat_is_checked_before_it_is_kept(poster, activity, fake_wechat, pause_ends):
    fake_wechat.fault("hollow_picture", path=CODE)

    assert (await poster(activity)).headers["Cache-Control"] == "no-store"
    pause_ends()
    assert (await poster(activity)).headers["Cache-Control"] == "public, max-age=60"
    assert len(fake_wechat.calls(CODE)) == 2


async def test_slow_wechat_delays_few_requests(poster, town, fake_wechat):
    fake_wechat.fault("delay", path=CODE, seconds=2, times=2)
    activities = [await make.activity(town) for _ in range(4)]

    answers = await asyncio.gather(*(poster(one) for one in activities))

    assert len(fake_wechat.calls(CODE)) == 2
    assert (
        sorted(answer.headers["Cache-Control"] for answer in answers) == ["no-store"] * 2 + ["public, max-age=60"] * 2
    )


async def test_poster_works_without_the_photo_store(poster, activity, settings, fake_wechat):
    shutil.rmtree(Path(settings.photo_store) / "unfinished")

    assert (await poster(activity)).headers["Cache-Control"] == "no-store"
    assert fake_wechat.calls(CODE) == []


async def test_code_that_could_not_be_stored_is_on_the_poster(poster, activity, settings, fake_wechat, caplog):
    fake_wechat.fault("delay", path=CODE, seconds=2)

    def break_the_disk():
        while not fake_wechat.calls(CODE):
            time.sleep(0.02)
        shutil.rmtree(Path(settings.photo_store) / "unfinished")

    answer, _ = await asyncio.gather(poster(activity), asyncio.to_thread(break_the_disk))

    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "was not kept" in caplog.text


async def test_poster_of_a_draft_is_shown_by_its_staffs_signed_link(poster, town, client, phone_of_staff):
    draft = await make.activity(town, status=S.DRAFT, listed=0)
    chen = await phone_of_staff("陈芳", "邻玉社工站")
    link = (await chen.get(f"/station/activities/{draft.id}")).json()["poster"]

    preview = await client.get(f"{link}&size=a4")

    assert picture(preview).size == (1240, 1754)
    assert preview.headers["Cache-Control"] == "no-store"
    assert (await poster(draft)).status_code == 404
    assert (await client.get(link.replace("until=", "until=1"))).status_code == 404


@pytest.mark.parametrize("status", [S.CANCELLED, S.FINISHED])
async def test_poster_of_an_ended_activity_says_so(poster, activity, status):
    before = picture(await poster(activity))
    await Activity.filter(id=activity.id).update(status=status)

    after = picture(await poster(activity))

    assert before.getpixel((540, 5)) != after.getpixel((540, 5))


@pytest.mark.parametrize("query", [{"size": "a3"}, {"width": 10}])
async def test_unknown_size_is_refused(poster, activity, query):
    assert (await poster(activity, **query)).status_code == 400


def key(number: int):
    return number, PosterText("a", "b", "c", "d", "e", "f"), PHONE, True


def test_cache_keeps_the_latest_posters():
    shelf = PosterCache(most_bytes=25)
    for number in (1, 2):
        shelf.put(key(number), b"0123456789")
    shelf.find(key(1))

    shelf.put(key(3), b"0123456789")
    shelf.put(key(3), b"another")

    assert [shelf.find(key(number)) for number in (1, 2, 3)] == [b"0123456789", None, b"0123456789"]


def test_poster_larger_than_the_cache_is_not_kept():
    shelf = PosterCache(most_bytes=5)
    shelf.put(key(1), b"0123456789")
    shelf.put(key(2), b"01234")

    assert [shelf.find(key(number)) for number in (1, 2)] == [None, b"01234"]


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        ((13, 2, 0), (13, 4, 0), "2026年3月13日（星期五）\n上午10:00至中午12:00"),
        ((13, 6, 30), (13, 12, 5), "2026年3月13日（星期五）\n下午2:30至晚上8:05"),
        ((14, 16, 0), (14, 17, 0), "2026年3月15日（星期日）\n凌晨0:00至1:00"),
        ((13, 1, 0), (13, 3, 0), "2026年3月13日（星期五）\n上午9:00至11:00"),
        ((13, 1, 30), (15, 9, 0), "2026年3月13日（星期五）上午9:30\n至3月15日（星期日）下午5:00"),
    ],
)
def test_time_is_written_as_people_say_it(starts, ends, said):
    moments = [datetime(2026, 3, day, hour, minute, tzinfo=UTC) for day, hour, minute in (starts, ends)]

    assert when_in_words(*moments) == said


def test_time_over_new_year_has_both_years():
    eve, new_year = datetime(2026, 12, 31, 1, 0, tzinfo=UTC), datetime(2027, 1, 1, 1, 0, tzinfo=UTC)

    assert when_in_words(eve, new_year) == "2026年12月31日（星期四）上午9:00\n至2027年1月1日（星期五）上午9:00"
