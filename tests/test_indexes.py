"""Every statement of an endpoint or job uses an index, so that nothing becomes slower over the years."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

import httpx
import pymysql
import pytest

from scripts import services
from scripts.benchmarks.replay import TURNS, Sent, listening, recorded
from server.database import db
from server.domain import daily_jobs, job_queue
from server.jobs.context import JobContext, job_context
from server.jobs.execution import run_next
from server.jobs.kinds import KINDS
from server.models import Activity, SeatOffer
from tests import plans
from tests.authorisation.requests import status_for
from tests.authorisation.row import Row
from tests.authorisation.table import TABLE
from tests.jobs.working import MOST_JOBS
from tests.services import HASTY, chosen_database, prepared_mariadb, require_mariadb
from tests.sides import Side, two_sides

pytestmark = pytest.mark.skipif(chosen_database() != "mariadb", reason="SQLite has no statistics to grow")

# One persona of each allowed kind: what they may see changes the statements.
ASKING = ("nobody", "owner", "worker", "head", "county", "city")
# Statements whose cost grows with the table, each with the reason why it is allowed.
MAY_READ_MUCH = {
    ("GET /coverage/report", "need"): "an officer's report, now and then, of all that ever fell to the city desk",
    ("POST /role-offers/{offer_id}/confirmation", "need"): "an appointment ends what stand-ins opened at the station",
    ("POST /stations/{station_id}/suspension", "need"): "those not ended and one more: the statistics take every status"
    " to be as frequent",
}
# Jobs that read whole tables, at night.
READ_EVERYTHING = {"audit_ledger", "check_data"}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated database whose server assumes a million rows in every growing table."""
    require_mariadb()
    folder = tmp_path_factory.mktemp("grown")
    prepared_mariadb(folder / "data")
    with (
        services.mariadb(folder, **HASTY) as server,
        pymysql.connect(host=services.HOST, port=server.port, user="root") as link,
    ):
        plans.grow(link, "stations")
    with services.mariadb(folder, innodb_stats_auto_recalc=0, **HASTY) as server:
        yield f"{server.url}stations"


@pytest.fixture
def database_url(grown: str) -> str:
    """The database of these tests."""
    return grown


class Judge:
    """A checker that reads the plan of each statement once and keeps what is slow about it."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.troubles: list[str] = []

    async def look_at(self, asked: str, sent: Sequence[Sent]) -> None:
        for statement, values in (each for together in sent for each in _one_by_one(together)):
            if not plans.SPEAKS.match(statement):
                continue
            if statement not in self.seen:
                self.seen.add(statement)
                for step in await plans.plan(statement, values):
                    if (trouble := step.trouble()) and (asked, step.table) not in MAY_READ_MUCH:
                        self.troubles.append(f"{asked}: {trouble}: {statement}")


def _one_by_one(together: Sent) -> Iterator[Sent]:
    """Yield the statements that travelled together, each with its values; BEGIN comes with the first."""
    text, values = together
    if text in TURNS or not isinstance(text, str):  # inserts of several rows come as bytes
        return
    rest = list(values or ())
    for statement in text.split("; "):
        count = statement.count("%s")
        yield statement, rest[:count]
        rest = rest[count:]


async def _make_and_ask(client: httpx.AsyncClient, operation: str, row: Row, side: Side, persona: str) -> None:
    await status_for(client, operation, await row.given(side), side, persona)


async def test_every_statement_of_an_endpoint_uses_an_index(client: httpx.AsyncClient, clock):
    side, judge = (await two_sides(clock.now()))[0], Judge()

    with listening():
        for operation, row in TABLE.items():
            for persona in ASKING:
                if row.statuses[persona] < httpx.codes.MULTIPLE_CHOICES:
                    sent = await recorded(partial(_make_and_ask, client, operation, row, side, persona))
                    await judge.look_at(operation, sent)
            side.city.now = clock.forward(seconds=30)  # no rate limit is reached

    assert not judge.troubles, "\n\n".join(judge.troubles)
    assert len(judge.seen) > len(TABLE)


async def test_every_statement_of_a_job_uses_an_index(client, clock, settings):
    side, judge = (await two_sides(clock.now()))[0], Judge()
    for row in TABLE.values():
        await row.given(side)
    await daily_jobs.seed(now=clock.now())
    await _planned(side, clock.forward(days=20))
    context = job_context(settings, clock)

    try:
        with listening():
            done = await _work_off(context, judge)
    finally:
        await context.close()

    assert not judge.troubles, "\n\n".join(judge.troubles)
    assert done >= set(KINDS) - {"sound_alarm"}  # it rings only if something is missing or broken


@db.transaction
async def _planned(side: Side, now: datetime) -> None:
    """Plan a job of every kind that is not planned every day."""
    activities, offers = (
        await Activity.all().values_list("id", flat=True),
        await SeatOffer.all().values_list("id", flat=True),
    )
    subjects = {
        **dict.fromkeys(("watch_activity", "serve_line", "reward_activity"), activities),
        "expire_offer": offers,
        "move_volunteers": [side.station.id],
        "reroute_needs": [side.station.id, f"{side.station.id} {now.date()}"],
        "announce_points": [f"{now.year}:0"],
        "expire_points": [f"{now.year}:0"],
        "delete_photo": ["of-nothing"],
    }
    for kind, found in subjects.items():
        for subject in found:
            await job_queue.plan(kind, subject, due=now)


async def _work_off(context: JobContext, judge: Judge) -> set[str]:
    """Run all due jobs and return their kinds."""
    done: list[str] = []
    for number in range(MOST_JOBS):
        sent = await recorded(partial(run_next, context, started=lambda job: done.append(job.kind)))
        if len(done) == number:
            return set(done)
        if done[-1] not in READ_EVERYTHING:
            await judge.look_at(f"job {done[-1]}", sent)
    raise AssertionError("jobs without end")
