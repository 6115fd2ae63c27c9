"""Links to photos."""

from typing import Literal

from pydantic import Field

from miniprogram_contract.shapes import Shape


class PhotoQuery(Shape):
    """Part of a link the server made; nothing to be made up."""

    size: Literal["large", "small"]
    until: int = Field(ge=0, le=2**40, description="Seconds since 1970")
    signature: str = Field(pattern="^[0-9a-f]{40}$")
