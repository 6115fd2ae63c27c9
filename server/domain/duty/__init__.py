"""The duty roster 值班: shifts, and what they cover."""
