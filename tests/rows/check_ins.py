"""Who may do what with check-ins."""

from tests.row import Row

ROWS: dict[str, Row] = {}
