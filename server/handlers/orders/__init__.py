"""Orders 兑换: endpoints for the resident and for the station."""

from server.handlers.orders import resident, station  # noqa: F401
