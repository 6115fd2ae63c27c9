"""Who may do what with activities."""

from tests.row import Row
from tests.rows import activity_drafts, activity_figures, activity_reading, activity_running

ROWS: dict[str, Row] = {
    **activity_drafts.ROWS,
    **activity_figures.ROWS,
    **activity_reading.ROWS,
    **activity_running.ROWS,
}
