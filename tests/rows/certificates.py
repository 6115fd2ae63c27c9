"""Who may do what about certificates."""

from tests.row import Row

ROWS: dict[str, Row] = {}
