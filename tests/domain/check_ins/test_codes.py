"""The code on the screen: a new one every 30 seconds, for one activity, impossible to forge."""

from datetime import timedelta

import pytest

from server.domain.check_ins import codes
from server.errors import ActivityOver, CodeExpired, CodeOfOtherActivity, CodeUnknown, NotAllowed, NotFound
from server.models import Activity, ActivityStatus
from tests.factories.check_ins import ENDS, STARTS, health_check, minutes


def seconds(number):
    return timedelta(seconds=number)


@pytest.fixture
async def activity(city):
    return await health_check(city)


async def test_code_lasts_thirty_seconds_and_says_when_it_changes(activity):
    first = codes.current_code(activity, STARTS)

    assert first.changes_at == STARTS + seconds(30)
    assert codes.current_code(activity, STARTS + seconds(29)) == first
    assert codes.current_code(activity, STARTS + seconds(30)).text != first.text


async def test_code_fits_a_compact_qr_code_and_has_eighty_bits(activity):
    text = codes.current_code(activity, STARTS).text

    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-")
    assert len(text.rpartition("-")[2]) * 5 == 80


@pytest.mark.parametrize("later", [-30, 0, 29, 30, 59])
async def test_code_of_the_step_before_or_after_is_accepted(activity, later):
    text = codes.current_code(activity, STARTS).text

    assert codes.verify(text, activity, STARTS + seconds(later)) == codes.step_at(STARTS)


@pytest.mark.parametrize("later", [-31, 60, 3600, 86_400])
async def test_photographed_code_expires(activity, later):
    text = codes.current_code(activity, STARTS).text

    with pytest.raises(CodeExpired):
        codes.verify(text, activity, STARTS + seconds(later))


async def test_code_of_another_activity_is_refused_as_such(city, activity):
    other = await health_check(city)

    with pytest.raises(CodeOfOtherActivity):
        codes.verify(codes.current_code(other, STARTS).text, activity, STARTS)


async def test_another_secret_gives_another_code(activity):
    text = codes.current_code(activity, STARTS).text
    activity.check_in_secret = "a7" * 32

    with pytest.raises(CodeUnknown):
        codes.verify(text, activity, STARTS)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda text: text.lower(),
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text.replace("-", "－"),
        lambda text: f"{text}\n",
        lambda text: "0" + text,
        lambda text: text.partition("-")[2],
        lambda _: "https://example.org/",
        lambda _: "签到",
    ],
)
async def test_malformed_code_is_refused(activity, change):
    with pytest.raises(CodeUnknown):
        codes.verify(change(codes.current_code(activity, STARTS).text), activity, STARTS)


async def test_code_moved_to_another_step_is_refused_as_unknown(activity):
    number, step, mac = codes.current_code(activity, STARTS).text.split("-")

    with pytest.raises(CodeUnknown):
        codes.verify(f"{number}-{int(step, 16) + 1:X}-{mac}", activity, STARTS + seconds(30))


async def test_signature_for_one_use_is_invalid_for_another(activity):
    assert codes.sign(activity, "check-in", "1") != codes.sign(activity, "roster", "1")


async def test_code_is_shown_only_to_staff_of_the_station(city, activity):
    shown = await codes.get_current_code(activity.id, by=city.staff["陈社工"], now=STARTS)

    assert shown == codes.current_code(activity, STARTS)
    for name, refusal in (("周社工", NotFound), ("冯科长", NotAllowed), ("褚科长", NotFound)):
        with pytest.raises(refusal):
            await codes.get_current_code(activity.id, by=city.staff[name], now=STARTS)


async def test_code_is_not_shown_a_day_after_the_end_or_when_cancelled(city, activity):
    by = city.staff["陈社工"]
    assert await codes.get_current_code(activity.id, by=by, now=ENDS + minutes(24 * 60))
    with pytest.raises(ActivityOver):
        await codes.get_current_code(activity.id, by=by, now=ENDS + minutes(24 * 60 + 1))
    await Activity.filter(id=activity.id).update(status=ActivityStatus.CANCELLED)
    with pytest.raises(ActivityOver):
        await codes.get_current_code(activity.id, by=by, now=STARTS)


async def test_draft_has_no_code(city):
    draft = await health_check(city, status=ActivityStatus.DRAFT)

    with pytest.raises(NotFound):
        await codes.get_current_code(draft.id, by=city.staff["陈社工"], now=STARTS)
