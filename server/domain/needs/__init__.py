"""Needs 需求: submitted by residents, served by stations, rated and closed."""
