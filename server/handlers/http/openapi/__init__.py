"""The contract, generated from the declarations of `@endpoint`: nothing in it is written twice."""

from server.handlers.http.openapi.document import document
from server.handlers.http.openapi.refusals import every_refusal

__all__ = ["document", "every_refusal"]
