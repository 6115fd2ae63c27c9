"""Who may do what about supermarket."""

from tests.row import Row

ROWS: dict[str, Row] = {}
