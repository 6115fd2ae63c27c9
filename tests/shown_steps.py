"""Compare the steps that an answer shows to its readers with those that succeed, through HTTP."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from server.models import HouseholdMember, Role, RoleKind
from tests.conftest import NOW
from tests.factories import City
from tests.factories.households import household
from tests.people import Phone
from tests.sides import sign_in

# Workers, heads and officers of 邻玉社工站 and the stations around it.
READERS = ("陈社工", "林社工", "赵站长", "周社工", "吴站长", "孙站长", "郑社工", "冯科长", "褚科长", "卫处长")
# Not of the reader, unknown to them, or not now. A wrong body would show nothing.
REFUSED = {403, 404, 409}
YEAR = timedelta(days=365)


async def phones_of(client: httpx.AsyncClient, city: City, names: Iterable[str] = READERS) -> dict[str, Phone]:
    """Return the phones of these people by their names."""
    ids = {name: city.staff[name].person_id for name in names}
    return {name: Phone(client, await sign_in(person_id, NOW), person_id) for name, person_id in ids.items()}


@dataclass(frozen=True)
class Steps:
    """How a test makes a thing, reads the steps that it shows, and takes one of all the steps."""

    make: Callable[[], Awaitable[Any]]
    shown: Callable[[Phone, Any], Awaitable[Iterable[str]]]
    take: Callable[[Phone, Any, str], Awaitable[httpx.Response]]
    all: Iterable[str]


async def compare(steps: Steps, phones: Mapping[str, Phone]) -> dict[str, set[str]]:
    """Return the steps that each reader is shown, if any, after each step was tried by each reader.

    Steps that are not shown are refused and change nothing, so they are tried on one thing. Each step that is shown is
    taken on a thing of its own.
    """
    thing = await steps.make()
    shown = {name: set(await steps.shown(phone, thing)) for name, phone in phones.items()}
    for name, phone in phones.items():
        for step in sorted(set(steps.all) - shown[name]):
            answer = await steps.take(phone, thing, step)
            assert answer.status_code in REFUSED, f"{step} is not shown to {name}: {answer.text}"
    for name, phone in phones.items():
        for step in sorted(shown[name]):
            answer = await steps.take(phone, await steps.make(), step)
            assert answer.is_success, f"{step} is shown to {name}: {answer.text}"
    return of_any(**shown)


def of_any(**steps: set[str]) -> dict[str, set[str]]:
    """Return the steps by the names of their readers, without readers who have none."""
    return {name: of_reader for name, of_reader in steps.items() if of_reader}


async def live_together(*person_ids: int, left_at: datetime | None = None) -> None:
    """Let these people alone share a household for a year; `left_at`: when the last of them left it again."""
    await HouseholdMember.all().delete()
    await household(*person_ids, now=NOW - YEAR)
    if left_at is not None:
        await HouseholdMember.filter(person_id=person_ids[-1]).update(current=None, left_at=left_at)


def without_workers(city: City, station: str, make: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """Return how to make the thing while the station has its workers, who are gone when it is made."""
    kinds = (RoleKind.STATION_HEAD, RoleKind.SOCIAL_WORKER)
    roles = Role.filter(station_id=city.stations[station].id, kind__in=kinds)

    async def made() -> Any:
        await roles.update(current=1)
        thing = await make()
        await roles.update(current=None)
        return thing

    return made
