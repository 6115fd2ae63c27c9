"""Who I am."""

from dataclasses import asdict

from miniprogram_contract.me import Home, HomeShown, Me, MeChanges, MyRole
from server.domain import me
from server.domain.me import Living
from server.errors import NotACommunity, NotFound
from server.handlers import births
from server.handlers.http import Caller, endpoint
from server.models import Area, Person
from server.outside.clock import Moment


@endpoint("GET", "/me", reply=Me)
async def get_me(caller: Caller) -> Me:
    return await _me(await me.person(caller.person_id))


@endpoint("PATCH", "/me", body=MeChanges, reply=Me)
async def change_me(body: MeChanges, caller: Caller, now: Moment) -> Me:
    births.must_be_past({"birth_year": body.birth_year}, now)
    changed = await me.change(caller.person_id, changes=body.model_dump(exclude_unset=True), now=now)
    return await _me(changed)


@endpoint("PUT", "/me/home", body=Home, reply=Me, refuses=(NotFound, NotACommunity))
async def choose_home(body: Home, caller: Caller, now: Moment) -> Me:
    changed = await me.choose_home(caller.person_id, area_id=body.area_id, now=now)
    return await _me(changed)


async def _me(person: Person) -> Me:
    living = await me.living(person.home)
    return Me(
        id=person.id,
        name=person.name,
        phone=person.phone,
        birth_year=person.birth_year,
        home=_home(living.home, living) if living.home else None,
        home_choices=[_home(area, living) for area in living.choices],
        visitor=person.home_id is None,
        roles=[MyRole(**asdict(role)) for role in await me.roles(person.id)],
    )


def _home(area: Area, living: Living) -> HomeShown:
    *_, county_id, town_id = area.ancestor_ids
    names = {"name": area.name, "path": living.paths[area.id]}
    return HomeShown(area_id=area.id, town_id=town_id, county_id=county_id, **names)
