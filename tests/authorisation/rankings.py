"""Access to rankings."""

from tests.authorisation.row import SIGNED_IN, Row

ROWS: dict[str, Row] = {"GET /rankings": Row(SIGNED_IN)}
