"""Whether it lives and whether it is ready are two questions: a slow database is no reason to start a server anew."""

import asyncio


async def test_who_asks_whether_it_lives_does_not_wait_behind_those_who_wait_for_the_database(client, app, settings):
    answers = asyncio.Event()
    waiting = [
        asyncio.ensure_future(app.ctx.executor.run(answers.wait, changes=False)) for _ in range(settings.database_pool)
    ]
    try:
        assert (await client.get("/api/v1/health")).json() == {"up": True}
    finally:
        answers.set()
        await asyncio.gather(*waiting)


async def test_it_is_ready_when_the_database_answers(client):
    assert (await client.get("/api/v1/ready")).json() == {"database": True, "redis": True}
