"""Job runners and their jobs: without a command they are listed. `check` fails if something is wrong."""

import argparse
import sys
from datetime import datetime

from scripts.environment import run_with_database, settings_of_environment
from server.adapters.clock import SystemClock
from server.database import db
from server.domain import job_queue, job_runners
from server.domain.job_queue import JobCount
from server.errors import NotFound
from server.jobs.kinds import KINDS, Lane
from server.models import Job, JobRunnerHeartbeat


async def listed(url: str) -> None:
    now = SystemClock().now()
    async with db.connected(url, pool=1):
        parked, runners = await job_queue.parked(), await job_runners.list_all()
        counts = await job_queue.count_by_kind(now=now)
    for runner in runners:
        print(line_of_runner(runner, now))
    for job in parked:
        print(line_of(job))
    for count in counts:
        if count.overdue:
            print(f"{count.kind}: {count.overdue} overdue")
    print(f"{len(living(runners, now))} runners, {sum(one.overdue for one in counts)} overdue, {len(parked)} parked")


async def checked(url: str) -> None:
    """Print what is wrong, if anything is, and exit with status 1 then."""
    now = SystemClock().now()
    async with db.connected(url, pool=1):
        runners, counts = await job_runners.list_all(), await job_queue.count_by_kind(now=now)
    if wrong := troubles(runners, counts, now):
        sys.exit("\n".join(wrong))
    print("job runners work")


def troubles(runners: list[JobRunnerHeartbeat], counts: list[JobCount], now: datetime) -> list[str]:
    """Return what an administrator must look at: nobody runs jobs, some failed for good, or those in time are late."""
    wrong = [] if living(runners, now) else ["no job runner has given a sign of life in the last half minute"]
    for count in counts:
        if count.parked:
            wrong.append(f"{count.kind}: {count.parked} parked")
        if count.overdue and count.kind in KINDS and KINDS[count.kind].lane is not Lane.OTHERS:
            wrong.append(f"{count.kind}: {count.overdue} overdue")
    return wrong


def living(runners: list[JobRunnerHeartbeat], now: datetime) -> list[JobRunnerHeartbeat]:
    return [one for one in runners if job_runners.is_alive(one.beat_at, now=now)]


def line_of_runner(runner: JobRunnerHeartbeat, now: datetime) -> str:
    seen = "" if job_runners.is_alive(runner.beat_at, now=now) else "SILENT "
    beat = f"{seen}since {runner.started_at:%Y-%m-%d %H:%M}, last seen {runner.beat_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"runner {runner.label}  {beat}  {runner.doing}"


def line_of(job: Job) -> str:
    due = f"due {job.due_at:%Y-%m-%d %H:%M} UTC"
    return f"{job.id}  {job.kind} {job.subject}  {due}, {job.attempts} attempts: {job.last_error}"


async def released(url: str, job_id: int) -> None:
    async with db.connected(url, pool=1):
        try:
            job = await job_queue.release(job_id, now=SystemClock().now())
        except NotFound:
            sys.exit(f"no job {job_id} is parked")
    print(f"released {job.id}: {job.kind} {job.subject}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/jobs", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("check", help="fail if no job runner works, or a job is parked, or a deadline is late")
    release = commands.add_parser("release", help="have a parked job tried again at once")
    release.add_argument("id", type=int)
    arguments = parser.parse_args()
    url = settings_of_environment().database_url
    match arguments.command:
        case "release":
            run_with_database(released(url, arguments.id))
        case "check":
            run_with_database(checked(url))
        case _:
            run_with_database(listed(url))


if __name__ == "__main__":
    main()
