"""Who may do what with rooms."""

from tests.row import Row

ROWS: dict[str, Row] = {}
