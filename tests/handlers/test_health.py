"""Health and readiness are different: a slow database is no reason to restart the server."""

import asyncio


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
    assert (await client.get("/api/v1/ready")).json() == {"database": True, "redis": True}
