"""The tools that every handler uses."""

from server.handlers.http import cursor
from server.handlers.http.auth import Caller, Roles
from server.handlers.http.endpoint import ENDPOINTS, Endpoint, endpoint
from server.handlers.http.raw_response import RawResponse

__all__ = ["ENDPOINTS", "Caller", "Endpoint", "RawResponse", "Roles", "cursor", "endpoint"]
