"""The caller's own facts."""

from dataclasses import asdict

from miniprogram_contract.me import HomeDetail, NewHome, OwnRole, ProfileChanges, ProfileDetail, RoleKind
from server.adapters.clock import Moment
from server.domain import profile
from server.domain.areas import short_name
from server.domain.profile import Profile
from server.errors import CommunityRequired, NotFound
from server.handlers import birth_years, subjects
from server.handlers.http import Caller, endpoint
from server.models import Area


@endpoint("GET", "/me", reply=ProfileDetail)
async def get_me(caller: Caller) -> ProfileDetail:
    """Show the caller's own profile: name, phone, home and roles."""
    return _me(await profile.of_person(caller.person_id))


@endpoint("POST", "/me/changes", body=ProfileChanges, reply=ProfileDetail, subject=subjects.OWN, hears=("name",))
async def change_me(body: ProfileChanges, caller: Caller, now: Moment) -> ProfileDetail:
    """Change the caller's name, phone or year of birth."""
    birth_years.require_past_years({"birth_year": body.birth_year}, now)
    changed = await profile.change(caller.person_id, changes=body.model_dump(exclude_unset=True), now=now)
    return _me(changed)


@endpoint("PUT", "/me/home", body=NewHome, reply=ProfileDetail, refuses=(NotFound, CommunityRequired))
async def choose_home(body: NewHome, caller: Caller, now: Moment) -> ProfileDetail:
    """Choose the community the caller lives in."""
    changed = await profile.choose_home(caller.person_id, area_id=body.area_id, now=now)
    return _me(changed)


def _me(found: Profile) -> ProfileDetail:
    return ProfileDetail(
        id=found.id,
        name=found.name,
        phone=found.phone,
        birth_year=found.birth_year,
        home=_home(found.home, found) if found.home else None,
        home_choices=[_home(area, found) for area in found.choices],
        is_visitor=found.home is None,
        roles=[OwnRole(**asdict(role) | {"kind": RoleKind(role.kind)}) for role in found.roles],
    )


def _home(area: Area, found: Profile) -> HomeDetail:
    *_, county_id, town_id = area.ancestor_ids
    names = {"name": short_name(area.name), "path": found.paths[area.id]}
    return HomeDetail(area_id=area.id, town_id=town_id, county_id=county_id, **names)
