"""Subjects of the requests in the authorisation table, created for each request on one side of the city."""

import io
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from PIL import Image

from server.domain import accounts, areas, role_offers
from server.domain.accounts import Actor
from server.domain.roles import RolePlace
from server.domain.satisfaction import need_rating
from server.models import (
    AreaLevel,
    CallBack,
    Need,
    Notice,
    RoleKind,
    Session,
    StationLevel,
    StationStatus,
)
from tests import factories
from tests.factories import ratings
from tests.factories.roles import city_officer
from tests.sides import Side, sign_in

NUMBERS = itertools.count()


@dataclass(frozen=True)
class Given:
    """Parts of a request: path and query completely, and the fields of the body that differ from the contract's example."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Any] | None = None


async def nothing(_: Side) -> Given:
    return Given()


async def code(_: Side) -> Given:
    """A sign-in code of a newcomer."""
    return Given(body={"code": f"dev-newcomer{next(NUMBERS)}"})


async def session(side: Side) -> Given:
    await sign_in(side.people["owner"], side.now)
    newest = await Session.filter(person_id=side.people["owner"]).order_by("-expires_at", "-id").first()
    return Given(path={"session_id": newest.id})


async def notice(side: Side) -> Given:
    words = {"template": "need_message", "title": "通知", "body": "请查看", "created_at": side.now}
    made = await Notice.create(person_id=side.people["owner"], **words)
    return Given(path={"notification_id": made.id})


async def upload(_: Side) -> Given:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), (next(NUMBERS) % 256, 0, 0)).save(picture, "PNG")
    return Given(files={"photo": ("photo.png", picture.getvalue(), "image/png")})


async def forged_link(_: Side) -> Given:
    """A photo link with a wrong signature."""
    return Given(path={"photo_id": 1}, query={"size": "large", "until": 2**35, "signature": "0" * 40})


def forged(query: dict[str, Any], given: Callable[[Side], Awaitable[Given]]) -> Callable[[Side], Awaitable[Given]]:
    """The same subject as `given`, with a link that the server did not sign."""

    async def made(side: Side) -> Given:
        return replace(await given(side), query=query | {"until": 2**35, "signature": "0" * 40})

    return made


def need(state: str, **body: Any) -> Callable[[Side], Awaitable[Given]]:
    """The owner's need in the state."""

    async def given(side: Side) -> Given:
        return _of(await getattr(side, state)(), **body)

    return given


def _of(made: Need, **body: Any) -> Given:
    return Given(path={"need_id": made.id, "code": made.slip_code}, body=body)


async def extendable(side: Side) -> Given:
    """A need of the worker, and a later deadline to request."""
    made = await side.assigned()
    return _of(made, extended_until=(made.completion_due_at + timedelta(hours=1)).isoformat())


async def duplicate_need(side: Side) -> Given:
    """A need that the owner submitted a second time."""
    first, second = await side.submitted(), await side.submitted()
    return _of(second, target_need_id=first.id)


async def number(side: Side) -> Given:
    """A need to look up, found by the phone number of the contract's example."""
    await side.submitted(contact_phone="13812345678")
    return Given()


async def extension(side: Side) -> Given:
    return Given(path={"extension_id": (await side.extension()).id})


async def appeal(side: Side) -> Given:
    return Given(path={"appeal_id": (await side.appeal()).id})


async def category(_: Side) -> Given:
    return Given(body={"code": f"legal_aid_{next(NUMBERS)}"})


async def old_category(_: Side) -> Given:
    return Given(path={"code": "elder_care"})


async def day(_: Side) -> Given:
    return Given(path={"day": "2026-05-02"})


async def policy(side: Side) -> Given:
    """A policy for this side's county."""
    return Given(path={"name": "reminder_interval_hours"}, body={"county": side.station.county_id})


async def wording(side: Side) -> Given:
    """A title of the city."""
    return Given(path={"name": "authority"})


async def offer(side: Side) -> Given:
    """The role of a social worker of this station, to offer."""
    return Given(body={"station_id": side.station.id})


async def _offered(side: Side) -> tuple[int, str]:
    third = await city_officer(side.now)
    place = RolePlace(RoleKind.SOCIAL_WORKER, side.station.id)
    made, code = await role_offers.offer(place, name="新人", by=third, now=side.now)
    return made.id, code


async def offer_code(side: Side) -> Given:
    return Given(body={"code": (await _offered(side))[1]})


async def accepted_offer(side: Side) -> Given:
    """An offer of another officer of the city that a newcomer has accepted."""
    offer_id, code = await _offered(side)
    newcomer = await factories.person("新人", side.now)
    await role_offers.accept(code, by=newcomer.id, now=side.now)
    return Given(path={"offer_id": offer_id})


async def role(side: Side) -> Given:
    """The role of another worker of this station."""
    colleague = await factories.person("同事", side.now)
    made = await factories.role(colleague, RoleKind.SOCIAL_WORKER, side.now, station=side.station)
    return Given(path={"role_id": made.id})


async def colleague(side: Side) -> Given:
    """Another worker of this station."""
    made = await factories.person("同事", side.now)
    await factories.role(made, RoleKind.SOCIAL_WORKER, side.now, station=side.station)
    return Given(path={"person_id": made.id})


async def calendar_year(_: Side) -> Given:
    """A year of the calendar, with the day of the contract's example."""
    return Given(path={"year": "2027"})


async def resident(side: Side) -> Given:
    """Another resident of this side's community."""
    made = await factories.person("居民", side.now, home=side.community)
    return Given(path={"person_id": made.id})


async def shut_out(side: Side) -> Given:
    """A resident whom the county's officer shut out."""
    given = await resident(side)
    by = Actor(side.staff["county"])
    await accounts.shut_out(given.path["person_id"], reason="冒用他人身份", by=by, now=side.now)
    return given


async def county(side: Side) -> Given:
    return Given(query={"county": side.station.county_id})


async def new_station(side: Side) -> Given:
    return Given(body={"level": "community_room"})


async def own_station(side: Side) -> Given:
    return Given(path={"station_id": side.station.id})


def room(status: StationStatus = StationStatus.OPEN, *, covering: bool = True) -> Callable[[Side], Awaitable[Given]]:
    """A new community room in a new community of this side's town, which it covers if `covering`."""

    async def given(side: Side) -> Given:
        town = await side.community.parent
        new = await factories.area(f"新村{next(NUMBERS)}", AreaLevel.COMMUNITY, town)
        made = await factories.station(
            new.name, StationLevel.COMMUNITY_ROOM, new, status=status, covers=[new] if covering else []
        )
        await factories.worker("贺社工", made, side.now)
        return Given(path={"station_id": made.id}, body={"area_ids": [new.id]})

    return given


async def call_back(side: Side) -> Given:
    """A call-back because the owner gave two stars; the worker handled the need."""
    made = await side.resolved()
    await need_rating.rate(made.id, ratings.stars(2), by=side.people["owner"], now=side.now)
    return Given(path={"call_back_id": (await CallBack.get(need_id=made.id)).id})


async def rated(side: Side) -> Given:
    made = await side.resolved()
    await need_rating.rate(made.id, ratings.stars(5), by=side.people["owner"], now=side.now)
    return _of(made)


async def satisfaction(side: Side) -> Given:
    return Given(query={"station": side.station.id})


async def area(side: Side) -> Given:
    return Given(path={"area_id": side.community.id})


async def edition(side: Side) -> Given:
    """A proposed list that changes only the province's code."""
    listed = partial(io.StringIO, "code,name,level\n51,四川省,province\n")
    new = areas.NewEdition(f"名单{next(NUMBERS)}", "nbs", side.now.date())
    return Given(path={"edition_id": (await areas.propose(listed, new, by=None, now=side.now)).id})
