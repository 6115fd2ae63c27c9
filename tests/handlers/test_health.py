"""Health and readiness are different: a slow database is no reason to restart the server."""

import asyncio
from datetime import timedelta

from server.domain import job_runners
from server.domain.job_runners import Identity
from tests.conftest import NOW


async def test_health_answers_while_requests_wait_for_the_database(client, app, settings):
    answers = asyncio.Event()
    waiting = [
        asyncio.ensure_future(app.ctx.executor.run(answers.wait, changes=False)) for _ in range(settings.database_pool)
    ]
    try:
        assert (await client.get("/api/v1/health")).json() == {"up": True}
    finally:
        answers.set()
        await asyncio.gather(*waiting)


async def test_server_is_ready_when_the_database_answers(client):
    assert (await client.get("/api/v1/ready")).json() == {"database": True, "redis": True, "job_runner": False}


async def test_server_without_a_job_runner_stays_ready_and_says_so(client, clock):
    await job_runners.beat(Identity(1, "host:1", NOW), "", now=NOW)
    assert (await client.get("/api/v1/ready")).json()["job_runner"] is True

    clock.set(NOW + job_runners.ALIVE + timedelta(seconds=1))
    answer = await client.get("/api/v1/ready")

    assert (answer.status_code, answer.json()["job_runner"]) == (200, False)
