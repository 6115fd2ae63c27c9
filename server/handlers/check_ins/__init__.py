"""Check-in 签到."""
