"""Who may do what about tasks."""

from tests.row import Row

ROWS: dict[str, Row] = {}
