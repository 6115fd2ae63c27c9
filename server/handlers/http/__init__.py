"""What every handler is made with."""

from server.handlers.http import cursor
from server.handlers.http.endpoint import ENDPOINTS, Endpoint, endpoint
from server.handlers.http.raw_response import Shown
from server.handlers.http.auth import Caller, Who

__all__ = ["ENDPOINTS", "Caller", "Endpoint", "Shown", "Who", "cursor", "endpoint"]
