"""Tasks: the volunteer's side, the station's side, the resident's side, and disputes."""
