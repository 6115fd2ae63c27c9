"""Refusals about rooms."""
