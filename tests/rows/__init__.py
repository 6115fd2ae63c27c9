"""Rows of the authorisation table, one file a noun."""

from tests.row import Row
from tests.rows import (
    activities,
    bookings,
    certificates,
    check_ins,
    households,
    offers,
    orders,
    points,
    rankings,
    service_records,
    supermarket,
    tasks,
    timebank,
    venues,
    volunteers,
)

ROWS: dict[str, Row] = {
    **activities.ROWS,
    **bookings.ROWS,
    **certificates.ROWS,
    **check_ins.ROWS,
    **households.ROWS,
    **offers.ROWS,
    **orders.ROWS,
    **points.ROWS,
    **rankings.ROWS,
    **venues.ROWS,
    **service_records.ROWS,
    **supermarket.ROWS,
    **tasks.ROWS,
    **timebank.ROWS,
    **volunteers.ROWS,
}
