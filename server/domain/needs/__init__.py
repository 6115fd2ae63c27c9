"""Needs 需求: from a resident's words to a served, rated and closed need."""
