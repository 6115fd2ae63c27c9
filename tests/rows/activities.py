"""Who may do what with activities."""

from tests.row import Row

ROWS: dict[str, Row] = {}
