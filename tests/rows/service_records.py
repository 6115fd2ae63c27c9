"""Who may do what about service records."""

from tests.row import Row

ROWS: dict[str, Row] = {}
