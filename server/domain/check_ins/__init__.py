"""Check-in 签到: by the attendee's own phone, from the list, or by a steward's phone without a network."""
