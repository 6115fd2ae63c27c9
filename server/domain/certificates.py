"""Certificates 志愿服务证明: a volunteer's approved service up to a day, which anybody may verify by a code."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tortoise.functions import Count, Max, Min, Sum
from tortoise.queryset import QuerySet

from server.database import db
from server.domain import audit, reference
from server.domain.pagination import Place, older
from server.domain.slip_codes import new_code, plain_code
from server.domain.star_levels import get_stars
from server.domain.volunteers import access as volunteers
from server.domain.volunteers.transitions import S, require_status
from server.domain.working_time import SHANGHAI
from server.errors import CertificateRevoked, NameRequired, NoApprovedService, NotFound
from server.models import Certificate, Person, RecordStatus, ServiceRecord

CODE_LENGTH = 12


@dataclass(frozen=True)
class ServiceTotal:
    """The sums of a person's approved service that a certificate states."""

    served_minutes: int
    records: int
    first_day: date
    last_day: date


async def get_service_total(person_id: int, *, until: datetime) -> ServiceTotal | None:
    """Return the service approved by then and still approved, or None if it is less than a minute."""
    counted = ServiceRecord.filter(volunteer_id=person_id, status=RecordStatus.APPROVED, approved_at__lte=until)
    sums = {"minutes_": Sum("minutes"), "records_": Count("id"), "from_": Min("started_at"), "to_": Max("ended_at")}
    found: Mapping[str, Any] = (await counted.annotate(**sums).values(*sums))[0]
    if not found["minutes_"]:
        return None
    return ServiceTotal(int(found["minutes_"]), found["records_"], _day(found["from_"]), _day(found["to_"]))


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


@db.transaction
async def issue(person_id: int, *, now: datetime) -> Certificate:
    """Certify the volunteer's service up to now. Volunteers who left or were banned may still have it certified.

    Raises `NotFound` without an application, `InvalidVolunteerState`, `NameRequired`, `NoApprovedService`.
    """
    volunteer = await volunteers.lock_own(person_id)
    require_status(volunteer, S.APPROVED, S.LEFT, S.BANNED)
    person = await Person.get(id=person_id)
    if not person.name:
        raise NameRequired
    total = await get_service_total(person_id, until=now)
    if total is None:
        raise NoApprovedService
    certificate = await Certificate.create(
        code=new_code(CODE_LENGTH),
        person=person,
        station_id=volunteer.station_id,
        name=person.name,
        stars=await get_stars(total.served_minutes),
        issued_at=now,
        **asdict(total),
    )
    await audit.note("certificate.issued", f"certificate:{certificate.id}", by=person_id, now=now)
    return await get_own(certificate.code, person_id)


async def list_own(person_id: int, *, before: Place | None, limit: int) -> list[Certificate]:
    """Return the person's certificates with their stations, newest first, after a place in the list."""
    found = Certificate.filter(person_id=person_id)
    found = found.filter(older("issued_at", before))
    return await reference.attach(await found.order_by("-issued_at", "-id").limit(limit), "station")


async def get_own(code: str, person_id: int) -> Certificate:
    """Return a certificate of the person. Raises `NotFound` for anybody else's."""
    return await _get(_by_code(code).filter(person_id=person_id))


def _by_code(code: str) -> QuerySet[Certificate]:
    return Certificate.filter(code=plain_code(code)[: CODE_LENGTH + 1])


async def _get(found: QuerySet[Certificate]) -> Certificate:
    certificates = await reference.attach(await found, "station")
    if not certificates:
        raise NotFound
    return certificates[0]


class Validity(StrEnum):
    """Whether a certificate is still valid."""

    VALID = "valid"
    CORRECTED = "corrected"  # some of the counted service was taken back later
    REVOKED = "revoked"


@dataclass(frozen=True)
class VerifiedCertificate:
    """A certificate and whether it is still valid."""

    certificate: Certificate
    validity: Validity


async def verify(code: str) -> VerifiedCertificate:
    """Return the certificate of a code, for anybody who was shown it. Raises `NotFound` for a wrong code."""
    certificate = await _get(_by_code(code))
    return VerifiedCertificate(certificate, await _validity(certificate))


async def _validity(certificate: Certificate) -> Validity:
    if certificate.revoked_at is not None:
        return Validity.REVOKED
    # Service approved by then can only become less: approvals are taken back, and none is dated in the past.
    left = await get_service_total(certificate.person_id, until=certificate.issued_at)
    unchanged = left and left.served_minutes >= certificate.served_minutes and left.records >= certificate.records
    return Validity.VALID if unchanged else Validity.CORRECTED


@db.transaction
async def revoke(code: str, *, by: int, now: datetime) -> Certificate:
    """Withdraw the person's own certificate for good. Raises `CertificateRevoked` if it was withdrawn before."""
    certificate = await get_own(code, by)
    if not await Certificate.filter(id=certificate.id, revoked_at=None).update(revoked_at=now):
        raise CertificateRevoked
    await audit.note("certificate.revoked", f"certificate:{certificate.id}", by=by, now=now)
    return await get_own(code, by)


def allowed_actions(certificate: Certificate) -> list[str]:
    """Return what the person can do with their certificate now."""
    return ["revocation"] if certificate.revoked_at is None else []


async def get_for_drawing(code: str, person_id: int) -> Certificate:
    """Return a certificate of the person that may be shown as a picture. Raises `CertificateRevoked`."""
    certificate = await get_own(code, person_id)
    if certificate.revoked_at is not None:
        raise CertificateRevoked
    return certificate
