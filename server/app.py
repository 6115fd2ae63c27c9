"""The composition root: every part of the server is built and connected here."""

import asyncio
import contextlib
import json
import logging
import signal
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from prometheus_client import start_http_server
from sanic import Blueprint, HTTPResponse, Request, Sanic

import server.handlers.http.registry  # noqa: F401 - declares every path
from server.adapters import Dependencies
from server.adapters.alarm_gateway import AlarmGateway
from server.adapters.clock import Clock, SystemClock
from server.adapters.county_borders import county_borders
from server.adapters.drawing_executor import DrawingExecutor
from server.adapters.encrypted_cache import EncryptedCache
from server.adapters.photo_sanitizer import PhotoSanitizer
from server.adapters.photo_store_factory import photo_store
from server.adapters.rate_limits import RateLimiter
from server.adapters.redis import RedisCache
from server.adapters.wechat import WeChatApp
from server.database import db
from server.domain import reference
from server.handlers.http import docs
from server.handlers.http.dispatch import respond
from server.handlers.http.endpoint import ENDPOINTS, Endpoint
from server.handlers.http.executor import RequestExecutor
from server.handlers.http.responses import as_refusal, refusal_response, request_id_of
from server.handlers.http.unknown_tokens import UnknownTokens
from server.handlers.http.upload_memory import UploadMemory
from server.jobs.context import JobContext
from server.jobs.watch import JobWatch
from server.logs import set_up_logging
from server.settings import Settings

UPLOAD_BYTES = 11_000_000
# Beside those of requests: most are for the watch over the job runners, which may ring in their place.
SPARE_CONNECTIONS = 7
# After SIGTERM: seconds to let the proxy drain, to finish requests, and to roll back.
LEAVE_SECONDS, DRAIN_SECONDS, UNDO_SECONDS = 2, 8, 2

log = logging.getLogger("server.app")


def build_dependencies(settings: Settings, clock: Clock | None = None) -> Dependencies:
    """Build the adapters that the settings name."""
    cache, secret = RedisCache(settings.redis_url), settings.signing_secret.get_secret_value().encode()
    return Dependencies(
        clock=clock or SystemClock(),
        cache=cache,
        rate_limiter=RateLimiter(cache, secret=secret),
        wechat=WeChatApp(
            settings.wechat_base_url,
            settings.wechat_app_id,
            settings.wechat_app_secret.get_secret_value(),
            EncryptedCache(cache, secret=secret, prefix="wechat"),
        ),
        photo_store=photo_store(
            settings.photo_store,
            access_key=settings.photo_store_key.get_secret_value(),
            secret=settings.photo_store_secret.get_secret_value(),
        ),
        photo_sanitizer=PhotoSanitizer(),
        drawing_executor=DrawingExecutor(),
        county_borders=county_borders(settings.county_polygons),
        session_lifetime=timedelta(days=settings.session_days),
        public_url=settings.public_url.rstrip("/"),
        signing_secret=secret,
    )


@contextlib.asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Dependencies]:
    """Connect the database and build the adapters for as long as the block runs."""
    async with db.connected(settings.database_url, settings.database_pool + SPARE_CONNECTIONS):
        dependencies = build_dependencies(settings, clock)
        try:
            await reference.refresh()  # so that the first request does not wait for it
            yield dependencies
        finally:
            await dependencies.close()


@contextlib.asynccontextmanager
async def _watching(settings: Settings, dependencies: Dependencies) -> AsyncIterator[None]:
    """Watch over the job runners for as long as the block runs. It uses one of the spare connections."""
    alarms = AlarmGateway(settings.alarm_url)
    watch = JobWatch(JobContext(dependencies.clock, alarms, dependencies.photo_store)).repeated()
    watch.start()
    try:
        yield
    finally:
        await watch.stop(UNDO_SECONDS)
        await alarms.close()


def create_app(
    settings: Settings, clock: Clock | None = None, *, listening: socket.socket | None = None
) -> Sanic[Any, Any]:
    """Return the application. It connects when it starts, and finishes running requests when it stops."""
    app: Sanic[Any, Any] = Sanic("stations", configure_logging=False, dumps=json.dumps)
    app.config.REQUEST_MAX_SIZE = UPLOAD_BYTES
    app.config.PROXIES_COUNT = settings.proxies or None
    app.config.ACCESS_LOG = False
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = DRAIN_SECONDS + 1
    app.ctx.upload_limiter = UploadMemory()
    blueprint = Blueprint("api", version_prefix="/api/v", version=1)
    for declared in ENDPOINTS:
        _add(blueprint, declared)
    app.blueprint(blueprint)
    docs.add_to(app)
    app.error_handler.add(Exception, _refuse)
    app.ctx.listening = listening
    _start_and_stop(app, settings, clock)
    return app


def _add(blueprint: Blueprint, declared: Endpoint) -> None:
    async def handler(request: Request, **_: Any) -> HTTPResponse:
        response = await respond(declared, request)
        if request.app.ctx.executor.is_leaving:
            # Otherwise a client that keeps sending over one connection is served until the connection is cut.
            request.stream.keep_alive = False  # type: ignore[union-attr]  # a request that is being answered has a stream
        return response

    name = f"{declared.method}_{declared.path}".translate(str.maketrans("/<>:-", "_____"))
    # The body of an upload stays on the phone until there is memory for it.
    blueprint.add_route(handler, declared.path, methods=[declared.method], name=name, stream=declared.upload)


async def _refuse(request: Request, error: Exception) -> HTTPResponse:
    request_id = request_id_of(request)
    return refusal_response(as_refusal(error, request_id), request_id)


def _start_and_stop(app: Sanic[Any, Any], settings: Settings, clock: Clock | None) -> None:
    @app.before_server_start
    async def start(app: Sanic[Any, Any]) -> None:
        app.ctx.executor = RequestExecutor(
            limit=settings.database_pool,
            waiting=settings.waiting_requests,
            deadline_seconds=settings.deadline_seconds,
        )
        app.ctx.stack = contextlib.AsyncExitStack()
        app.ctx.dependencies = await app.ctx.stack.enter_async_context(running(settings, clock))
        app.ctx.unknown_tokens = UnknownTokens(app.ctx.dependencies.rate_limiter)
        if app.ctx.listening is not None:  # a process of its own
            await app.ctx.stack.enter_async_context(_watching(settings, app.ctx.dependencies))

    @app.before_server_stop
    async def leave(app: Sanic[Any, Any]) -> None:
        # Requests are still served. Each answer closes its connection, until the proxy has no connection left.
        app.ctx.executor.is_leaving = True
        if app.ctx.listening is not None:
            # On a second SIGTERM Sanic would cut every connection.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if settings.proxies:
            await asyncio.sleep(LEAVE_SECONDS)
        app.ctx.giving_up = app.loop.call_later(DRAIN_SECONDS, _give_up, app.ctx.executor)

    @app.after_server_stop
    async def stop(app: Sanic[Any, Any]) -> None:
        app.ctx.giving_up.cancel()
        # Work may still be running although its phone has disconnected.
        await app.ctx.executor.drain(UNDO_SECONDS)
        await app.ctx.stack.aclose()


def _give_up(executor: RequestExecutor) -> None:
    if given_up := executor.give_up():
        log.error("%d requests were given up at shutdown", given_up)


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket that does not listen yet: until it does, a proxy is refused and tries another instance."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound


def main() -> None:
    """Serve one instance in this process."""
    settings = Settings.from_environment()
    set_up_logging(settings.log_level)
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr=settings.host)
    if settings.database_url.startswith("sqlite:///"):
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    listening = bind(settings.host, settings.port)
    create_app(settings, listening=listening).run(sock=listening, single_process=True, motd=False, access_log=False)
