"""The ceiling of a request: a Sanic handler that sends what was recorded through bare aiomysql, and nothing else.

Run as `python -m scripts.benchmarks.bare_server PORT DATABASE_URL RECORDED`; `POST /<number>` sends that piece.
"""

import pickle
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic, json

from scripts.benchmarks.replay import bare_pool, replay

CONNECTIONS = 10


def make(url: str, recorded: Path) -> Sanic[Any, Any]:
    app = Sanic("ceiling", configure_logging=False)
    pieces = pickle.loads(recorded.read_bytes())  # noqa: S301 - written a moment ago by the benchmark itself
    stack = AsyncExitStack()

    @app.before_server_start
    async def connect(app: Sanic[Any, Any]) -> None:
        app.ctx.pool = await stack.enter_async_context(bare_pool(url, CONNECTIONS))

    @app.after_server_stop
    async def disconnect(_: Sanic[Any, Any]) -> None:
        await stack.aclose()

    @app.post("/<number:int>")
    async def send(_: Request, number: int) -> HTTPResponse:
        await replay(app.ctx.pool, pieces[number])
        return json({})

    @app.get("/")
    async def ready(_: Request) -> HTTPResponse:
        return json({})

    return app


if __name__ == "__main__":
    port, database_url, file = sys.argv[1:]
    make(database_url, Path(file)).run("127.0.0.1", int(port), single_process=True, access_log=False, motd=False)
