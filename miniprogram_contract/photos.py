"""Links to photos."""

from enum import StrEnum

from pydantic import Field

from miniprogram_contract.base import ContractModel, Id, SignedLink


class PhotoSize(StrEnum):
    LARGE = "large"
    SMALL = "small"


class PhotoLinkParameters(SignedLink):
    size: PhotoSize
    reader: Id | None = Field(None, description="Whose link it is; null: a photo that everybody may see")


class PhotoLinks(ContractModel):
    """Links that work for an hour."""

    id: Id
    large: str = Field(description="At most 1600 pixels wide or high")
    small: str = Field(description="At most 320 pixels wide or high")
