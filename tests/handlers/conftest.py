"""Fixtures that tests of many nouns share."""

import pytest

from tests.conftest import NOW
from tests.people import Phone
from tests.sides import sign_in


@pytest.fixture
async def phones(client, town) -> dict[str, Phone]:
    """Return the phones of the small city's staff, signed in, by name."""
    return {
        name: Phone(client, await sign_in(scope.person_id, NOW), scope.person_id) for name, scope in town.staff.items()
    }
