"""Complaints 投诉 about a station or its people, answered by the station above it (plan rule 71)."""
