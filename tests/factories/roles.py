"""Appointments as people make them: offered, accepted on the phone, confirmed by a third person."""

from datetime import datetime

from server.domain import role_offers
from server.domain.roles import RolePlace
from server.domain.staff import Staff
from server.models import Person, Role, RoleKind, RoleOffer
from tests import factories


async def accepted(place: RolePlace, person: Person, *, by: Staff, now: datetime) -> RoleOffer:
    """Return an offer of the role that the person has accepted."""
    _, code = await role_offers.offer(place, name=person.name or "新同事", by=by, now=now)
    return await role_offers.accept(code, by=person.id, now=now)


async def appointed(place: RolePlace, person: Person, *, by: Staff, confirmed_by: Staff, now: datetime) -> Role:
    """Return the role of a person who accepted the offer, confirmed by a third person."""
    offer = await accepted(place, person, by=by, now=now)
    await role_offers.confirm(offer.id, by=confirmed_by, now=now)
    return await Role.get(person_id=person.id, kind=place.kind, scope=place.scope, current=1)


async def city_officer(now: datetime) -> Staff:
    """Return another officer of the city."""
    made = await factories.person("魏处长", now)
    await factories.role(made, RoleKind.CITY_OFFICER, now)
    return await factories.staff.of_person(made.id)
