"""Four acts of ours beside the same acts in bare apps of the frameworks that a team would otherwise pick."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymysql
from pydantic import BaseModel

from miniprogram_contract.bookings import BookingDetail
from miniprogram_contract.needs import NeedDetail
from miniprogram_contract.needs_staff import StaffNeedPage
from scripts import services
from scripts.benchmarks import beside, serving
from scripts.benchmarks.asking import Answer, Ask, Send, post
from scripts.benchmarks.beside import Beside, Piece, Served, Workload
from scripts.benchmarks.endpoints import NAMES, ROWS, Asked
from scripts.benchmarks.serving import Instance, copied
from scripts.benchmarks.town import CATEGORY, TEXT, Town, built, phone_of
from scripts.programs import Command
from scripts.services import HOST, MariaDB

DATABASE = "town_of_peers"
ACTS: dict[str, type[BaseModel]] = {
    "need": NeedDetail,
    "staff-list": StaffNeedPage,
    "submit": NeedDetail,
    "booking": BookingDetail,
}
APPS = "scripts.benchmarks.peers"
# Gunicorn advises two to four threads a core. Connections of phones stay open, as behind a reverse proxy.
THREADS, KEEP_ALIVE_SECONDS = 8, 120
WRITTEN = ("need", "need_event", "job", "notice", "booking", "attendee")
CEILING = "same statements, bare"

Starting = Callable[[Path, int, str], Command]


def _by_hand(_: Path, port: int, url: str) -> Command:
    return [sys.executable, "-m", f"{APPS}.by_hand_app", str(port), url]


def _fastapi(python: Path, port: int, _: str) -> Command:
    told = ["--host", HOST, "--port", str(port), "--timeout-keep-alive", str(KEEP_ALIVE_SECONDS)]
    own = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return [python, "-m", "uvicorn", f"{APPS}.fastapi_app:app", *told, *own]


def _django(python: Path, port: int, _: str) -> Command:
    told = ["--bind", f"{HOST}:{port}", "--keep-alive", str(KEEP_ALIVE_SECONDS), "--log-level", "warning"]
    own = ["--workers", "1", "--worker-class", "gthread", "--threads", str(THREADS), "--no-control-socket"]
    return [python, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", *told, *own]


STARTED: dict[str, Starting] = {
    "by hand": _by_hand,
    "FastAPI, SQLAlchemy": _fastapi,
    "Django REST framework": _django,
}


class AskedOfPeer(Asked):
    """The same requests for a bare app: the token is the person's id, and the station is named."""

    def __init__(self, town: Town) -> None:
        residents, workers = ([str(one) for one in ids] for ids in (town.resident_ids, town.worker_ids))
        super().__init__(replace(town, residents=residents, workers=workers))

    async def submit(self, send: Send, number: int) -> None:
        whose = {"contact_name": "王秀英", "contact_phone": phone_of(number % len(self.town.residents))}
        told = {"station_id": self.town.station_id, "category": CATEGORY, "text": TEXT} | whose
        await send(post("/needs", self._resident(number), "", told))

    async def staff_list(self, send: Send, number: int) -> None:
        found = await send(Ask(f"/station/needs?station={self.town.station_id}", self._worker(number)))
        assert len(found["items"]) == ROWS


def measured(server: MariaDB, folder: Path, python: Path, times: int) -> dict[str, Any]:
    """Measure and print them; `python` has the frameworks."""
    town = asyncio.run(built(server.create_database(DATABASE)))
    ours, theirs = (dict(zip(NAMES, one.all(), strict=True)) for one in (Asked(town), AskedOfPeer(town)))
    work = [
        Workload(NAMES[act], ours[act], times, of_peers=_checked(theirs[act], reply, Workload.warm))
        for act, reply in ACTS.items()
    ]
    print(f"\n{'':34}" + "".join(f"{head:>12}" for head in HEADS), flush=True)
    found = {}
    with _started(server, folder, python) as peers:
        for name, one in beside.both(server, DATABASE, work, folder, peers):
            _print(name, one)
            found[name] = _as_found(one)
    _check_rows(server)
    return found


def _checked(piece: Piece, reply: type[BaseModel], count: int) -> Piece:
    """Check the first answers, which are not measured: they have exactly the fields of ours."""

    async def asked(send: Send, number: int) -> None:
        async def send_and_check(ask: Ask) -> Answer:
            answer = await send(ask)
            reply.model_validate(answer)
            return answer

        await piece(send_and_check if number < count else send, number)

    return asked


@contextmanager
def _started(server: MariaDB, folder: Path, python: Path) -> Iterator[Mapping[str, Instance]]:
    with ExitStack() as running:
        started = {}
        for number, (name, command) in enumerate(STARTED.items()):
            port, url = services.free_port(), copied(server, DATABASE, f"{DATABASE}_{number}")
            environ = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": f"{APPS}.django_settings"}
            one = serving.running(
                command(python, port, url), environ, port, "/api/v1/station/needs?station=1", folder / f"{number}.log"
            )
            started[name] = running.enter_context(one)
        yield started


def _check_rows(server: MariaDB) -> None:
    """Each wrote as many rows as ours."""
    names = [f"{DATABASE}_ours", f"{DATABASE}_ceiling", *(f"{DATABASE}_{number}" for number in range(len(STARTED)))]
    written = [_rows(server, name) for name in names]
    assert all(one == written[0] for one in written), dict(zip(names, written, strict=True))


def _rows(server: MariaDB, database: str) -> list[int]:
    with pymysql.connect(host=HOST, port=server.port, user="root", database=database) as link, link.cursor() as cursor:
        numbers = []
        for table in WRITTEN:
            cursor.execute(f"SELECT COUNT(*) FROM `{table}`")  # noqa: S608
            numbers.append(cursor.fetchone()[0])
        return numbers


HEADS = ("CPU µs", "p50 ms", "ours ÷ CPU", "ours ÷ p50")


def _print(name: str, one: Beside) -> None:
    print(f"{name:34}{one.ours.server_us:12.0f}{one.ours.seen.p50_ms:12.1f}")
    for other, served in _others(one).items():
        times = _times(one.ours, served)
        print(f"  {other:32}{served.server_us:12.0f}{served.seen.p50_ms:12.1f}", end="")
        print(f"{times['times_cpu']:12.2f}{times['times_p50']:12.2f}", flush=True)


def _others(one: Beside) -> dict[str, Served]:
    return {CEILING: one.ceiling, **one.peers}


def _times(ours: Served, other: Served) -> dict[str, float]:
    return {
        "times_cpu": ours.server_us / other.server_us,
        "times_p50": ours.seen.p50_ms / other.seen.p50_ms,
    }


def _as_found(one: Beside) -> dict[str, Any]:
    """Figures to keep, with the ratios of ours to each."""
    others = {
        name: vars(each) | {"seen": vars(each.seen)} | _times(one.ours, each) for name, each in _others(one).items()
    }
    return {"ours": vars(one.ours) | {"seen": vars(one.ours.seen)}, **others}
