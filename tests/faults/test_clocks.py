"""The clock of instances and job runners jumps three hours ahead, two days back and over midnight while a town works."""

import asyncio
import time
import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.handlers.households import JOINING
from server.handlers.http.openapi.operations import PREFIX
from tests.authorisation.requests import example_body
from tests.authorisation.table import TABLE
from tests.conftest import FakeClock
from tests.faults.clock_scene import MIDNIGHT, TEN, Scene, must_not_be_negative, scene_at_ten
from tests.faults.town import BOOK, NEED, REDEEM, SUBMIT
from tests.services import chosen_database
from tests.sides import Side, sign_in, two_sides

CRISES = 12


@pytest.mark.skipif(chosen_database() != "mariadb", reason="instances and workers share a MariaDB")
def test_jumping_clock_repeats_no_deadline_and_signs_nobody_out(tmp_path: Path, valkey_url: str, fake_wechat: Any):
    with scene_at_ten(tmp_path, valkey_url, fake_wechat) as scene:
        _at_ten(scene)
        scene.everything_holds()
        _three_hours_ahead(scene)
        _two_days_back(scene)
        _half_past_ten(scene)
        _over_midnight(scene)
        _days_later_and_back(scene)
        asyncio.run(scene.history.repeat_all(scene.urls))
        keys = Counter(alarm["key"] for alarm in fake_wechat.alarms())
        assert keys, "no alarm was sounded"
        assert set(keys.values()) == {1}, keys
        asyncio.run(scene.history.must_agree_with(scene.database.url))


def _at_ten(scene: Scene) -> None:
    """Create urgent needs, a seat with a waiting list, a task in progress, a code on the screen, and a guesser of codes."""
    scene.work()
    for number in range(CRISES):
        scene.want(SUBMIT, number, "/needs", **NEED | {"text": "我不想活了", "urgency": "emergency"})
    first = scene.want(BOOK, 0, f"/activities/{scene.place['tomorrow']}/bookings")
    for number in (1, 2):
        assert scene.want(BOOK, number, f"/activities/{scene.place['tomorrow']}/bookings")["status"] == "waiting"
    assert scene.post(f"/bookings/{first['id']}/cancellation", scene.town.residents[0])[0] == 200
    for number in (3, 4, 5):
        scene.want(BOOK, number, f"/activities/{scene.place['door']}/bookings")
    assert scene.post(f"/tasks/{scene.place['morning']}/start", scene.volunteer)[0] == 200
    assert _guess(scene, 2 * JOINING.most + 1)[-1] == 429


def _three_hours_ahead(scene: Scene) -> None:
    code = _code(scene)
    assert _arrive(scene, 3, code) == (200, "")
    scene.move(hours=3)
    scene.work()
    scene.everything_holds()
    assert _arrive(scene, 4, code) == (409, "invalid_check_in_code")
    assert _arrive(scene, 4, _code(scene)) == (200, "")
    # The first person let the offer expire; the next one has the seat.
    assert _offers(scene, 1) == []
    assert len(_offers(scene, 2)) == 1
    scene.move(hours=-3)


def _two_days_back(scene: Scene) -> None:
    scene.move(days=-2)
    scene.work(SUBMIT, REDEEM)
    scene.everything_holds()
    assert _arrive(scene, 5, _code(scene)) == (409, "too_early")
    assert scene.post(f"/tasks/{scene.place['morning']}/finish", scene.volunteer) == (409, "too_early")
    # A guess made in what is now the future must not block anybody for two days.
    assert _guess(scene, 1) == [409]
    assert _guess(scene, 2 * JOINING.most)[-1] == 429
    scene.move(days=2)
    scene.everything_holds()


def _half_past_ten(scene: Scene) -> None:
    scene.put(TEN + timedelta(minutes=30))
    assert _guess(scene, 1) == [409]
    assert _arrive(scene, 5, _code(scene)) == (200, "")
    [offer] = _offers(scene, 2)
    assert scene.post(f"/seat-offers/{offer['id']}/acceptance", scene.town.residents[2])[0] == 200
    assert scene.post(f"/tasks/{scene.place['morning']}/finish", scene.volunteer)[0] == 200
    assert 28 <= _served_last(scene) <= 30
    scene.everything_holds()


def _over_midnight(scene: Scene) -> None:
    scene.put(MIDNIGHT - timedelta(minutes=2))
    assert scene.post(f"/tasks/{scene.place['night']}/start", scene.volunteer)[0] == 200
    assert _dates(scene) == ("2026-04-01", "2026-04-08")
    assert _ranking(scene, "month") == [120]
    scene.put(MIDNIGHT - timedelta(seconds=2))
    while scene.clock.now() < MIDNIGHT + timedelta(seconds=1):
        scene.work(times=5)
        time.sleep(0.2)
    assert _dates(scene) == ("2026-04-02", "2026-04-09")
    assert (_ranking(scene, "month"), _ranking(scene, "year")) == ([], [120])
    scene.put(MIDNIGHT + timedelta(minutes=3))
    assert scene.post(f"/tasks/{scene.place['night']}/finish", scene.volunteer)[0] == 200
    assert 3 <= _served_last(scene) <= 5
    scene.everything_holds()


def _days_later_and_back(scene: Scene) -> None:
    """Let every deadline pass: each is announced once, also if the clock passes it again."""
    for days in (3, -2, 2):
        scene.move(days=days)
        scene.everything_holds()
    scene.move(days=-3)


def _guess(scene: Scene, times: int) -> list[int]:
    """Return the answer to a guess of household codes; a limited caller waits no longer than a window."""
    answers = [
        scene.ask("POST", "/household/memberships", scene.town.residents[6], {"code": "ABCD2345"}) for _ in range(times)
    ]
    waits = [int(one.headers["Retry-After"]) for one in answers if one.status_code == 429]
    assert all(1 <= wait <= JOINING.seconds for wait in waits)
    return [one.status_code for one in answers]


def _code(scene: Scene) -> str:
    path = f"/station/activities/{scene.place['door']}/check-in-code"
    return str(scene.ask("GET", path, scene.town.workers[0]).json()["code"])


def _arrive(scene: Scene, number: int, code: str) -> tuple[int, str]:
    return scene.post(f"/activities/{scene.place['door']}/check-ins", scene.town.residents[number], {"code": code})


def _offers(scene: Scene, number: int) -> list[Any]:
    return list(scene.ask("GET", "/seat-offers", scene.town.residents[number]).json()["items"])


def _served_last(scene: Scene) -> int:
    """Return the minutes of the volunteer's newest record."""
    return int(scene.ask("GET", "/service-records", scene.volunteer).json()["items"][0]["minutes"])


def _ranking(scene: Scene, period: str) -> list[int]:
    answer = scene.ask("GET", f"/rankings?period={period}", scene.town.residents[0])
    return [one["served_minutes"] for one in answer.json()["items"]]


def _dates(scene: Scene) -> tuple[str, str]:
    """Return the days by which a need submitted now is answered and completed."""
    given = scene.want(SUBMIT, 7, "/needs", **NEED)
    return given["response_due_at"][:10], given["completion_due_at"][:10]


@pytest.mark.skipif(chosen_database() == "mariadb", reason="once is enough: both refuse what no row may say")
async def test_server_two_days_back_answers_or_refuses_every_request(client: httpx.AsyncClient, clock: FakeClock):
    """The requests are about things that were made in what is now the future."""
    side = (await two_sides(clock.now()))[0]
    wrong = {}
    for operation in TABLE:
        answer = await _asked_two_days_back(client, clock, operation, side)
        if answer.status_code in {401, 500}:
            wrong[operation] = answer.text
        elif answer.headers.get("content-type") == "application/json":
            must_not_be_negative(answer.json())
        side.city.now = clock.forward(minutes=2)  # no request is refused for asking too often
    assert not wrong


async def _asked_two_days_back(
    client: httpx.AsyncClient, clock: FakeClock, operation: str, side: Side
) -> httpx.Response:
    """Return the answer to a person who may ask, and who gets it at the right time."""
    row, (method, path) = TABLE[operation], operation.split()
    given = await row.given(side)
    persona = next((one for one, status in row.statuses.items() if status < 300), "owner")
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    if persona != "nobody":
        headers["Authorization"] = f"Bearer {await sign_in(side.people[persona], side.now)}"
    sent = {"json": example_body(operation, given, side)} if given.files is None else {"files": given.files}
    clock.forward(days=-2)
    try:
        return await client.request(
            method, PREFIX + path.format(**given.path), params=given.query, headers=headers, **sent
        )
    finally:
        clock.forward(days=2)
