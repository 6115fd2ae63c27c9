"""A town whose instances and job runners read our clock, with people who have deadlines."""

import asyncio
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pymysql

from scripts import programs
from server.database import db
from server.domain import invariants, ledger, staff
from server.domain.needs.schedule import DEADLINE_KINDS
from server.domain.tasks import claims, publication
from server.domain.tasks.publication import StationTask, TaskContent
from server.models import Notice, Person, RecordSource, RecordStatus, ServiceRecord, Station, Volunteer
from tests.factories import City, activities, volunteers
from tests.faults.history import History, under_load
from tests.faults.instances import Database, durable_database, environ_of, instances
from tests.faults.town import Town, Wanted, settle
from tests.faults.wall_clock import WallClock
from tests.scale import scaled
from tests.services import require_faketime
from tests.sides import sign_in

# A Tuesday at ten in Shanghai, the last of its month; from the 4th to the 6th of April nobody works.
TEN = datetime(2026, 3, 31, 2, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 31, 16, tzinfo=UTC)
HERE, WORKERS = "邻玉社工站", 2
QUIET_SECONDS = 300
LOOKED_AT = (
    "/needs",
    "/bookings",
    "/seat-offers",
    "/me/notifications",
    "/service-records",
    "/supermarket/orders",
    "/session",
)
STATION_LOOKS_AT = ("/station/needs", "/station/tasks", "/station/satisfaction", "/station/orders?station={station}")
# A deadline is announced once, however often the clock passes it.
SAID_ONCE = [*DEADLINE_KINDS, "seat_offered", "offer_lapsed"]


@dataclass
class Scene:
    """The town, the people with deadlines, and the clock they all read."""

    clock: WallClock
    database: Database
    town: Town
    volunteer: str
    place: dict[str, int]
    urls: list[str] = field(default_factory=list)
    history: History = field(default_factory=History)

    def ask(self, method: str, path: str, token: str, body: Any = None, *, of: int = 0) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex}
        url = f"{self.urls[of]}{path}"
        answer = httpx.request(method, url, json=body, headers=headers, trust_env=False, timeout=60)
        assert answer.status_code < 500, answer.text
        return answer

    def post(self, path: str, token: str, body: Any = None) -> tuple[int, str]:
        """Return the status, and the code of a refusal."""
        answer = self.ask("POST", path, token, {} if body is None else body)
        return answer.status_code, answer.json().get("code", "")

    def want(self, kind: str, number: int, path: str, **body: Any) -> Any:
        """Return the answer to a request that the history remembers."""
        wanted = Wanted(kind, self.town.residents[number], path, f"wanted-{len(self.history.told):06}", body)

        async def answered() -> Any:
            async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
                told = await self.history.ask_until_answered(client, self.urls, wanted)
                assert told.status == 201, told
                return told.body

        return asyncio.run(answered())

    def work(self, *kinds: str, times: int = scaled(10, full=25)) -> None:
        with under_load(self.history, self.urls, lambda: self.town.something(*kinds), hands=2) as load:
            load.wait_for(times)

    def move(self, **span: float) -> None:
        self.put(self.clock.now() + timedelta(**span))

    def put(self, moment: datetime) -> None:
        """Turn the clock while no alarm is running: an alarm whose lease runs out rings again, under the same key."""
        self._until_nothing_is_due()
        self.clock.put(moment)

    def everything_holds(self) -> None:
        """Assert that what is due is done once, that everybody stays signed in, and that all invariants hold."""
        self._until_nothing_is_due()
        for number, token in enumerate(self.town.residents[:12]):
            assert self.ask("GET", "/me", token, of=number % 2).status_code == 200, "signed out"
        for paths, token in ((LOOKED_AT, self.town.residents[0]), (STATION_LOOKS_AT, self.town.workers[0])):
            for path in paths:
                answer = self.ask("GET", path.format(station=self.town.station_id), token)
                assert answer.status_code == 200, (path, answer.text)
                must_not_be_negative(answer.json())
        asyncio.run(self._laws())

    def _until_nothing_is_due(self) -> None:
        ends = time.monotonic() + QUIET_SECONDS
        waiting = "SELECT COUNT(*) FROM stations.job WHERE state = 'waiting' AND due_at <= %s"
        while self._count(waiting, self.clock.now().replace(tzinfo=None)):
            assert time.monotonic() < ends, "the workers do not get done"
            time.sleep(0.1)
        assert self._count("SELECT COUNT(*) FROM stations.job WHERE state = 'parked'") == 0

    def _count(self, question: str, *values: Any) -> int:
        with (
            pymysql.connect(host="127.0.0.1", port=self.database.port, user="root") as link,
            link.cursor() as cursor,
        ):
            cursor.execute(question, values)
            return int(cursor.fetchone()[0])

    async def _laws(self) -> None:
        async with db.connected(self.database.url, pool=2):
            report, audited = await invariants.check(), await ledger.audit()
            said = await Notice.filter(template__in=SAID_ONCE).values_list("person_id", "template", "subject_id")
        assert report.holds, str(report)
        assert audited.holds, str(audited)
        twice = [one for one, times in Counter(said).items() if times > 1]
        assert not twice, f"said again: {twice}"


def must_not_be_negative(said: Any) -> None:
    """Assert that no minutes and counts are negative, and no deadline is before its beginning."""
    if isinstance(said, dict):
        if {"submitted_at", "completion_due_at"} <= said.keys():
            assert said["submitted_at"] <= said["response_due_at"] <= said["completion_due_at"], said
        said = list(said.values())
    if isinstance(said, list):
        for one in said:
            must_not_be_negative(one)
    assert not isinstance(said, int | float) or said >= 0


@contextmanager
def scene_at_ten(folder: Path, valkey_url: str, fake: Any) -> Iterator[Scene]:
    clock = WallClock(require_faketime(), folder / "wall-clock")
    clock.put(TEN)
    with durable_database(folder / "mariadb") as database, ExitStack() as running:
        town = asyncio.run(settle(database.url, people=30, now=TEN))
        scene = asyncio.run(_plan(Scene(clock, database, town, "", {})))
        environ = environ_of(database, valkey_url, fake) | clock.environ | {"ALARM_URL": f"{fake.url}/alarms"}
        for number in range(WORKERS):
            running.callback(programs.stop, _worker(environ, folder / f"worker-{number}.log"))
        scene.urls = [one.url for one in running.enter_context(instances(2, environ, folder))]
        clock.put(TEN)
        yield scene


def _worker(environ: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    return programs.start([sys.executable, "-m", "server.jobs.worker"], environ=environ, log=log)


async def _plan(scene: Scene) -> Scene:
    """Plan one seat tomorrow, a check-in today, a task in the morning and one over midnight, and some time served."""
    async with db.connected(scene.database.url, pool=2):
        station = await Station.get(id=scene.town.station_id)
        by = await staff.of_person((await Person.get(name="林社工")).id)
        city = City(TEN, stations={HERE: station}, staff={"林社工": by})
        for name, seats, starts in (("tomorrow", 1, TEN + timedelta(days=1)), ("door", 9, TEN)):
            ends = starts + timedelta(hours=8)
            times = {"starts_at": starts, "ends_at": ends, "booking_closes_at": ends, "cancellation_until": starts}
            times["booking_opens_at"] = TEN - timedelta(days=5)
            scene.place[name] = (await activities.activity(city, seats=seats, **times)).id
        volunteer = await volunteers.volunteer("李志强", station, TEN, show_in_rankings=True, served_minutes=120)
        for name, starts in (("morning", TEN), ("night", MIDNIGHT - timedelta(minutes=30))):
            scene.place[name] = await _task(station, volunteer.person_id, starts, by)
        await _served(volunteer, station)
        scene.volunteer = await sign_in(volunteer.person_id, TEN)
    return scene


async def _task(station: Station, volunteer_id: int, starts: datetime, by: Any) -> int:
    before = TEN - timedelta(hours=1)
    asking = TaskContent("布置会场", "帮忙摆桌椅。", starts, starts + timedelta(hours=1), 60)
    wish = StationTask(station.id, station.area_id, "culture", "活动中心")
    task = await publication.publish_station_task(wish, asking, by=by, now=before)
    await claims.claim(task.id, by=volunteer_id, now=before)
    await claims.confirm(task.id, by=by, now=before)
    return task.id


async def _served(volunteer: Volunteer, station: Station) -> None:
    """Approve two hours of the day before."""
    began = TEN - timedelta(days=1)
    whose = {"volunteer_id": volunteer.person_id, "station": station, "source": RecordSource.TASK, "text": "陪老人散步"}
    times = {"started_at": began, "ended_at": began + timedelta(hours=2), "claimed_at": TEN, "verified": True}
    await ServiceRecord.create(**whose, **times, minutes=120, status=RecordStatus.APPROVED)
