"""One human, one person: joining a person entered at the counter to the same human's account on a phone."""
