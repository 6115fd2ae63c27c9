"""Rights on activities."""

from tests.authorisation import activity_drafts, activity_figures, activity_reading, activity_running
from tests.authorisation.row import Row

ROWS: dict[str, Row] = {
    **activity_drafts.ROWS,
    **activity_figures.ROWS,
    **activity_reading.ROWS,
    **activity_running.ROWS,
}
