"""Orders 兑换: placed and followed on the phone, prepared and handed over at the station."""

from server.handlers.orders import resident, station  # noqa: F401
