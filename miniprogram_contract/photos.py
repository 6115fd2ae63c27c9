"""Links to photos."""

from enum import StrEnum

from pydantic import Field

from miniprogram_contract.base import ContractModel, Id


class PhotoSize(StrEnum):
    LARGE = "large"
    SMALL = "small"


class PhotoLinkParameters(ContractModel):
    """Parts of a link that the server made. A client never makes one up."""

    size: PhotoSize
    until: int = Field(ge=0, le=2**40, description="Seconds since 1970")
    signature: str = Field(pattern="^[0-9a-f]{40}$")


class PhotoLinks(ContractModel):
    """Links that work for an hour."""

    id: Id
    large: str = Field(description="At most 1600 pixels wide or high")
    small: str = Field(description="At most 320 pixels wide or high")
