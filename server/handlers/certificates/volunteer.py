"""The caller's certificates: issue, list, draw, withdraw."""

from functools import partial

from miniprogram_contract.base import Page, PageQuery, PersonalLink
from miniprogram_contract.certificates import CertificateDetail
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.adapters.sheet_texts import CertificateText
from server.domain import certificates
from server.errors import CertificateRevoked, InvalidVolunteerState, NameRequired, NoApprovedService, NotFound
from server.handlers import subjects
from server.handlers.certificates import serializers
from server.handlers.http import Caller, RawResponse, Roles, cursor, endpoint
from server.handlers.http.endpoint import RateLimit


@endpoint(
    "POST",
    "/certificates",
    reply=CertificateDetail,
    subject=subjects.OWN,
    status=201,
    refuses=(NotFound, InvalidVolunteerState, NameRequired, NoApprovedService),
    limit=RateLimit(most=20, seconds=3600),
)
async def issue_certificate(caller: Caller, dependencies: Dependencies, now: Moment) -> CertificateDetail:
    """Certify the caller's service up to now; volunteers who left or were banned may do so too."""
    return serializers.certificate_detail(await certificates.issue(caller.person_id, now=now), dependencies, now)


@endpoint("GET", "/certificates", query=PageQuery, reply=Page[CertificateDetail])
async def list_certificates(
    query: PageQuery, caller: Caller, dependencies: Dependencies, now: Moment
) -> Page[CertificateDetail]:
    """List the caller's certificates, newest first."""
    before = cursor.after(query.after)
    found = await certificates.list_own(caller.person_id, before=before, limit=query.limit)
    return Page[CertificateDetail](
        items=[serializers.certificate_detail(one, dependencies, now) for one in found],
        next=cursor.following(found, query.limit, lambda one: (one.issued_at, one.id)),
    )


@endpoint(
    "GET",
    "/certificates/<code:str>/image",
    query=PersonalLink,
    reply=RawResponse,
    content_type="image/png",
    roles=Roles.ANYONE,
    link_subject=serializers.link_subject,
    refuses=(CertificateRevoked,),
    limit=RateLimit(most=30, seconds=60),
)
async def get_certificate_image(code: str, query: PersonalLink, dependencies: Dependencies) -> RawResponse:
    """Show the certificate as a sheet of A4 by the signed link of its owner: it has the whole name.

    Answers busy if many are drawn at once.
    """
    text = serializers.certificate_text(await certificates.get_for_drawing(code, query.reader), dependencies)
    return RawResponse(await dependencies.drawing_executor.draw(partial(_draw, text)), "image/png")


def _draw(text: CertificateText) -> bytes:
    from server.adapters.certificate_drawing import certificate

    return certificate(text)


@endpoint(
    "POST",
    "/certificates/<code:str>/revocation",
    reply=CertificateDetail,
    subject=subjects.OWN,
    refuses=(CertificateRevoked,),
)
async def revoke_certificate(code: str, caller: Caller, dependencies: Dependencies, now: Moment) -> CertificateDetail:
    """Withdraw a certificate of the caller for good; a person who verifies it reads so."""
    return serializers.certificate_detail(
        await certificates.revoke(code, by=caller.person_id, now=now), dependencies, now
    )
