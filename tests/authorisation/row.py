"""A row of the authorisation table."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.authorisation import given
from tests.authorisation.given import Given
from tests.sides import Side

PERSONAS = (
    "nobody",
    "stranger",
    "neighbour",
    "owner",
    "worker",
    "head",
    "other",
    "county",
    "other_county",
    "city",
)


@dataclass(frozen=True)
class Row:
    """The expected status for each persona, in the order of PERSONAS; every request gets a new subject from `given`."""

    expected: str
    given: Callable[[Side], Awaitable[Given]] = field(default=given.nothing)

    @property
    def statuses(self) -> dict[str, int]:
        return dict(zip(PERSONAS, map(int, self.expected.split()), strict=True))


NO_ONE = "404 404 404 404 404 404 404 404 404 404"
ANYBODY = "200 200 200 200 200 200 200 200 200 200"
SIGNED_IN = "401 200 200 200 200 200 200 200 200 200"
OWNER = "401 404 404 200 404 404 404 404 404 404"
ANY_STAFF = "401 403 403 403 200 200 200 200 200 200"
OFFICER = "401 403 403 403 403 403 403 200 404 200"
CITY = "401 403 403 403 403 403 403 403 403 200"
