"""The test command names only existing tests."""

import pytest

from scripts.gate import ON_MARIADB_ALONE, ON_SQLITE, ROOT


@pytest.mark.parametrize("pattern", [*ON_SQLITE, *ON_MARIADB_ALONE])
def test_every_path_of_the_gate_exists(pattern: str):
    assert list(ROOT.glob(pattern))
