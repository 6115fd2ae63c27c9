"""Certificates 志愿服务证明: a volunteer's approved service up to a day, verifiable by a code without signing in."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from miniprogram_contract.base import ContractModel, Moment
from miniprogram_contract.stations import StationReference


class CertificateStatus(StrEnum):
    """Whether a certificate is still valid."""

    VALID = "valid"
    CORRECTED = "corrected"
    REVOKED = "revoked"


STATUS_WORDS = {
    CertificateStatus.VALID: "有效",
    CertificateStatus.CORRECTED: "所计服务事后有更正，以最新开具的证明为准",
    CertificateStatus.REVOKED: "已由本人作废",
}

# The station vouches for the service; the name comes from the volunteer.
NAME_WORDS = "姓名由志愿者本人填写"


class CertificateBase(ContractModel):
    """The text of a certificate; it never changes."""

    code: str = Field(description="12 letters and digits; typed with or without dashes", examples=["7KQ2MZ9XTWBC"])
    station: StationReference = Field(description="Which station's volunteer it is about")
    served_minutes: int = Field(ge=1, description="Minutes of approved service, up to `issued_at`")
    records: int = Field(ge=1, description="How many times they served")
    stars: int = Field(ge=0, le=5, description="Reached by then, 0 to 5")
    first_day: date = Field(description="Of the service, in Shanghai")
    last_day: date = Field(description="Of the service, in Shanghai")
    issued_at: Moment


class CertificateAction(StrEnum):
    """The last part of the step's path."""

    REVOCATION = "revocation"


class CertificateDetail(CertificateBase):
    """A certificate of the caller."""

    name: str = Field(description="In full, as the volunteer wrote it; no identity document was checked")
    image: str | None = Field(
        description="A link to the certificate as a sheet of A4 (PNG), valid for an hour; null: revoked"
    )
    address: str = Field(description="A page where anybody verifies it; its QR code opens it")
    revoked_at: Moment | None
    allowed_actions: list[CertificateAction] = Field(
        description="Steps the caller can take now", examples=[["revocation"]]
    )


class CertificateVerification(CertificateBase):
    """A certificate as anybody with its code reads it."""

    name: str = Field(description="As the volunteer wrote it, masked: 王**", examples=["王**"])
    name_words: str = Field(description="To show beside the name: who it comes from", examples=[NAME_WORDS])
    status: CertificateStatus = Field(description="`corrected`: of the service it counted, some was found not to count")
    status_words: str = Field(examples=["有效"])
