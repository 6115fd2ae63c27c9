"""The caller's own facts."""

from dataclasses import asdict

from miniprogram_contract.me import HomeDetail, NewHome, OwnRole, ProfileChanges, ProfileDetail, RoleKind
from server.adapters.clock import Moment
from server.domain import profile
from server.domain.areas import short_name
from server.domain.profile import Living
from server.errors import CommunityRequired, NotFound
from server.handlers import birth_years
from server.handlers.http import Caller, endpoint
from server.models import Area, Person


@endpoint("GET", "/me", reply=ProfileDetail)
async def get_me(caller: Caller) -> ProfileDetail:
    """Show the caller's own profile: name, phone, home and roles."""
    return await _me(await profile.person(caller.person_id))


@endpoint("POST", "/me/changes", body=ProfileChanges, reply=ProfileDetail)
async def change_me(body: ProfileChanges, caller: Caller, now: Moment) -> ProfileDetail:
    """Change the caller's name, phone or year of birth."""
    birth_years.require_past_years({"birth_year": body.birth_year}, now)
    changed = await profile.change(caller.person_id, changes=body.model_dump(exclude_unset=True), now=now)
    return await _me(changed)


@endpoint("PUT", "/me/home", body=NewHome, reply=ProfileDetail, refuses=(NotFound, CommunityRequired))
async def choose_home(body: NewHome, caller: Caller, now: Moment) -> ProfileDetail:
    """Choose the community the caller lives in."""
    changed = await profile.choose_home(caller.person_id, area_id=body.area_id, now=now)
    return await _me(changed)


async def _me(person: Person) -> ProfileDetail:
    living = await profile.living(person.home)
    return ProfileDetail(
        id=person.id,
        name=person.name,
        phone=person.phone,
        birth_year=person.birth_year,
        home=_home(living.home, living) if living.home else None,
        home_choices=[_home(area, living) for area in living.choices],
        is_visitor=person.home_id is None,
        roles=[OwnRole(**asdict(role) | {"kind": RoleKind(role.kind)}) for role in await profile.roles(person.id)],
    )


def _home(area: Area, living: Living) -> HomeDetail:
    *_, county_id, town_id = area.ancestor_ids
    names = {"name": short_name(area.name), "path": living.paths[area.id]}
    return HomeDetail(area_id=area.id, town_id=town_id, county_id=county_id, **names)
