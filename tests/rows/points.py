"""Who may do what about points."""

from tests.row import Row

ROWS: dict[str, Row] = {}
