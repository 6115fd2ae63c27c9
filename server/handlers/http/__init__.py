"""What every handler is made with."""

from server.handlers.http import cursor
from server.handlers.http.auth import Caller, Who
from server.handlers.http.endpoint import ENDPOINTS, Endpoint, endpoint
from server.handlers.http.raw_response import RawResponse

__all__ = ["ENDPOINTS", "Caller", "Endpoint", "RawResponse", "Who", "cursor", "endpoint"]
