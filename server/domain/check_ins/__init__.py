"""Check-in 签到: who is there, by their own phone, from the list, or by a steward's phone without a network."""
