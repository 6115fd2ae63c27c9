"""Serialize certificates, also for drawing."""

from datetime import datetime
from typing import Any

from miniprogram_contract.certificates import (
    NAME_WORDS,
    STATUS_WORDS,
    CertificateAction,
    CertificateDetail,
    CertificateStatus,
    CertificateVerification,
)
from server.adapters import Dependencies
from server.adapters.sheet_texts import CertificateText
from server.domain import certificates
from server.domain.certificates import VerifiedCertificate
from server.domain.masking import mask_name
from server.domain.working_time import SHANGHAI
from server.handlers.http.signed_links import signed_link
from server.handlers.needs.serializers import station_reference
from server.models import Certificate


def certificate_detail(certificate: Certificate, dependencies: Dependencies, now: datetime) -> CertificateDetail:
    return CertificateDetail(
        **_facts(certificate),
        name=certificate.name,
        image=_image(certificate, dependencies, now) if certificate.revoked_at is None else None,
        address=_address(certificate, dependencies),
        revoked_at=certificate.revoked_at,
        allowed_actions=[CertificateAction(action) for action in certificates.allowed_actions(certificate)],
    )


def _image(certificate: Certificate, dependencies: Dependencies, now: datetime) -> str:
    path, reader = f"/certificates/{certificate.code}/image", certificate.person_id
    return signed_link(path, link_subject(certificate.code, reader), dependencies, now=now, reader=reader)


def link_subject(code: str, person_id: int) -> str:
    """Return what a link to the picture may show: this certificate, to this person."""
    return f"certificate:{code}:{person_id}"


def _facts(certificate: Certificate) -> dict[str, Any]:
    return {
        "code": certificate.code,
        "station": station_reference(certificate.station),
        "issued_at": certificate.issued_at,
        **_service_fields(certificate),
    }


def _service_fields(certificate: Certificate) -> dict[str, Any]:
    names = ("served_minutes", "records", "stars", "first_day", "last_day")
    return {name: getattr(certificate, name) for name in names}


def _address(certificate: Certificate, dependencies: Dependencies) -> str:
    return f"{dependencies.public_url}/api/v1/certificates/{certificate.code}/page"


def verification(verified: VerifiedCertificate) -> CertificateVerification:
    status = CertificateStatus(verified.validity)
    return CertificateVerification(
        **_facts(verified.certificate),
        name=mask_name(verified.certificate.name),
        name_words=NAME_WORDS,
        status=status,
        status_words=STATUS_WORDS[status],
    )


def certificate_text(certificate: Certificate, dependencies: Dependencies) -> CertificateText:
    """Return the text on the picture."""
    return CertificateText(
        **_service_fields(certificate),
        name=certificate.name,
        station=certificate.station.name,
        issued_day=certificate.issued_at.astimezone(SHANGHAI).date(),
        code=certificate.code,
        address=_address(certificate, dependencies),
    )
