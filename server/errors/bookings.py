"""Refusals about bookings."""

from server.errors.base import Refusal


class BookingNotNow(Refusal):
    """The booking's status does not allow it. Details: `status`."""

    code = "booking_not_now"
    status = 409
    message = "这份报名目前的状态不能这样办理，请刷新后查看"
