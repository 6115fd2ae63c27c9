"""Who may do what about timebank."""

from tests.row import Row

ROWS: dict[str, Row] = {}
