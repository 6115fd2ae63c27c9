"""Rows of the authorisation table, one file a noun."""

from tests.row import Row
from tests.rows import (
    certificates,
    households,
    orders,
    points,
    rankings,
    service_records,
    supermarket,
    tasks,
    timebank,
    volunteers,
)

ROWS: dict[str, Row] = {
    **certificates.ROWS,
    **households.ROWS,
    **orders.ROWS,
    **points.ROWS,
    **rankings.ROWS,
    **service_records.ROWS,
    **supermarket.ROWS,
    **tasks.ROWS,
    **timebank.ROWS,
    **volunteers.ROWS,
}
