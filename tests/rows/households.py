"""Who may do what about households."""

from tests.row import Row

ROWS: dict[str, Row] = {}
