"""Routing: which station is responsible for a need, with the reason in a resident's words."""

from server.domain.routing.queries import explained, offers, responsible, settled
from server.domain.routing.routing_rule import NOT_SURE, AreaFacts, AreaStep, CoverFact, Route, route

__all__ = [
    "NOT_SURE", "AreaFacts", "AreaStep", "CoverFact", "Route", "explained", "offers", "responsible", "route", "settled",
]  # fmt: skip
