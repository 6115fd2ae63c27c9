"""Phone numbers as people read them."""

import re

# 010 and 02x are area codes of three digits; all others have four.
_LANDLINE = re.compile(r"(010|02\d|0[3-9]\d\d)(\d{7,8})")


def phone_text(phone: str) -> str:
    """Return a landline number with a hyphen behind its area code (0830-2345678), and any other number as it is."""
    return _LANDLINE.sub(r"\1-\2", phone) if _LANDLINE.fullmatch(phone) else phone
