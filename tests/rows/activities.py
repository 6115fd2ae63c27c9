"""Who may do what with activities."""

from tests.row import Row
from tests.rows import activity_figures, activity_running

ROWS: dict[str, Row] = {**activity_figures.ROWS, **activity_running.ROWS}
