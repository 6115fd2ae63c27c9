"""Who I am."""

from miniprogram_contract.me import Home, Me, MeChanges, MyRole
from server.domain import me
from server.errors import NotACommunity, NotFound
from server.handlers.http import Caller, endpoint
from server.models import Person, Role
from server.outside.clock import Moment


@endpoint("GET", "/me", reply=Me)
async def get_me(caller: Caller) -> Me:
    return _me(await me.person(caller.person_id), await me.roles(caller.person_id))


@endpoint("PATCH", "/me", body=MeChanges, reply=Me)
async def change_me(body: MeChanges, caller: Caller, now: Moment) -> Me:
    changed = await me.change(caller.person_id, changes=body.model_dump(exclude_unset=True), now=now)
    return _me(changed, await me.roles(caller.person_id))


@endpoint("PUT", "/me/home", body=Home, reply=Me, refuses=(NotFound, NotACommunity))
async def choose_home(body: Home, caller: Caller, now: Moment) -> Me:
    changed = await me.choose_home(caller.person_id, area_id=body.area_id, now=now)
    return _me(changed, await me.roles(caller.person_id))


def _me(person: Person, roles: list[Role]) -> Me:
    return Me(
        id=person.id,
        name=person.name,
        phone=person.phone,
        birth_year=person.birth_year,
        home=Home(area_id=person.home_id) if person.home_id else None,
        home_name=person.home.name if person.home else None,
        visitor=person.home_id is None,
        roles=[_role(role) for role in roles],
    )


def _role(role: Role) -> MyRole:
    return MyRole(
        kind=role.kind,
        station_id=role.station_id,
        station_name=role.station.name if role.station else None,  # type: ignore[attr-defined]
        area_id=role.area_id,
        area_name=role.area.name if role.area else None,
    )
