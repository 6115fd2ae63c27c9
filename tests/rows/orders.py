"""Who may do what about orders."""

from tests.row import Row

ROWS: dict[str, Row] = {}
