"""The caller's own facts."""

from dataclasses import asdict

from miniprogram_contract.base import Page, PageQuery, Reference, ReferenceKind
from miniprogram_contract.me import (
    READING_WORDS,
    HomeDetail,
    NewHome,
    OwnRole,
    ProfileChanges,
    ProfileDetail,
    ReadingDetail,
    ReadingKind,
    RoleKind,
)
from server.adapters.clock import Moment
from server.domain import people, profile
from server.domain.areas import short_name
from server.domain.masking import mask_name
from server.domain.profile import Profile
from server.errors import CommunityRequired, NameFixed, NotFound
from server.handlers import birth_years, subjects
from server.handlers.http import Caller, cursor, endpoint
from server.models import Area, Reading
from server.models import ReadingKind as StoredKind


@endpoint("GET", "/me", reply=ProfileDetail)
async def get_me(caller: Caller) -> ProfileDetail:
    """Show the caller's own profile: name, phone, home and roles."""
    return _me(await profile.of_person(caller.person_id))


@endpoint(
    "POST",
    "/me/changes",
    body=ProfileChanges,
    reply=ProfileDetail,
    subject=subjects.OWN,
    hears=("name",),
    refuses=(NameFixed,),
)
async def change_me(body: ProfileChanges, caller: Caller, now: Moment) -> ProfileDetail:
    """Change the caller's name, phone or year of birth. Staff and volunteers do not rename themselves."""
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


@endpoint("GET", "/me/readings", query=PageQuery, reply=Page[ReadingDetail])
async def list_readings(query: PageQuery, caller: Caller) -> Page[ReadingDetail]:
    """List who read the caller's personal details, when and why, newest first."""
    found = await people.list_readings(caller.person_id, after=cursor.after(query.after), limit=query.limit)
    following = cursor.following(found, query.limit, lambda one: (one.at, one.id))
    return Page[ReadingDetail](items=[_reading(one) for one in found], next=following)


def _reading(one: Reading) -> ReadingDetail:
    kind, _, subject_id = one.subject.partition(":")
    is_file = one.what == StoredKind.FOUND
    reference = None if is_file else Reference(kind=ReferenceKind(kind), id=int(subject_id))
    name = one.reader.name or ""
    return ReadingDetail(
        at=one.at,
        # Only a volunteer reads the contact of a task.
        reader=mask_name(name) if kind == ReferenceKind.TASK else name or "工作人员",
        kind=ReadingKind(one.what),
        kind_words=READING_WORDS[ReadingKind(one.what)],
        reason=one.reason,
        reference=reference,
    )
