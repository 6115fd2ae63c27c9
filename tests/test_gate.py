"""The test command names only tests that there are."""

import pytest

from scripts.gate import ON_MARIADB_ALONE, ON_SQLITE, ROOT


@pytest.mark.parametrize("pattern", [*ON_SQLITE, *ON_MARIADB_ALONE])
def test_every_place_the_gate_names_exists(pattern: str):
    assert list(ROOT.glob(pattern))
