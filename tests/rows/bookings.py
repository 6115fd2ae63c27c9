"""Who may do what with bookings."""

from tests.row import Row

ROWS: dict[str, Row] = {}
