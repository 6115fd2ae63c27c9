"""Who may do what about volunteers."""

from tests.row import Row

ROWS: dict[str, Row] = {}
