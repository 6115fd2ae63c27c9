"""Parse WeChat's answers. Status and content type carry no meaning; `errcode` or an image does."""

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from wechatpy.exceptions import WeChatClientException

from server.errors.base import Refusal
from server.errors.wechat import (
    InvalidSignInCode,
    WeChatAccountBlocked,
    WeChatBusy,
    WeChatTooOften,
    WeChatUnavailable,
)

log = logging.getLogger(__name__)

Answer = dict[str, Any]

BUSY: Final = -1
TOKEN_REFUSED: Final = frozenset({40001, 40014, 42001})
# Errors that an administrator must correct: token, app id, secret, address not listed, daily quota, permission.
OURS_TO_MEND: Final = TOKEN_REFUSED | {40002, 40013, 40125, 40164, 40243, 41002, 41004, 45009, 48001}

WAIT: Final[dict[int, type[Refusal]]] = {BUSY: WeChatBusy, 45011: WeChatTooOften}
SIGN_IN: Final[dict[int, type[Refusal]]] = WAIT | {
    40029: InvalidSignInCode,  # not a code of WeChat, or older than five minutes
    40163: InvalidSignInCode,  # used already, perhaps by our own first try, whose answer was lost
    41008: InvalidSignInCode,  # empty
    40226: WeChatAccountBlocked,
}
LONGEST_ERRMSG = 300
# The first and last bytes of an image: an image that was cut off is refused.
PICTURES: Final = ((b"\xff\xd8\xff", b"\xff\xd9"), (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"))
PICTURE: Final = "picture"
LARGEST_PICTURE_BYTES = 2_000_000


def read(body: bytes) -> Answer | None:
    """Return the answer with `errcode` as a number (missing means 0), or None if it is malformed.

    A JPEG or PNG, which comes instead of JSON, becomes the field `picture`.
    """
    if any(body.startswith(begin) and body.endswith(end) for begin, end in PICTURES):
        return {"errcode": 0, PICTURE: body} if len(body) <= LARGEST_PICTURE_BYTES else None
    try:
        answer = json.loads(body)
        if not isinstance(answer, dict):
            return None
        return answer | {"errcode": int(answer.get("errcode", 0))}
    except (ValueError, TypeError, RecursionError):
        return None


def text(answer: Answer, name: str) -> str:
    """Return a required field. Raises `WeChatUnavailable` if it is missing."""
    found = answer.get(name)
    if not isinstance(found, str) or not found:
        log.error("WeChat's answer lacks %s", name)
        raise WeChatUnavailable
    return found


def whole_number(answer: Answer, name: str) -> int:
    """Return a number, which WeChat may write as text. Raises `WeChatUnavailable` if it is missing."""
    found = answer.get(name)
    if isinstance(found, int | str) and str(found).isdecimal():
        return int(found)
    log.error("WeChat's answer lacks the number %s", name)
    raise WeChatUnavailable


def picture(answer: Answer) -> bytes:
    """Return the image of an answer. Raises `WeChatUnavailable` if there is none."""
    found = answer.get(PICTURE)
    if isinstance(found, bytes):
        return found
    log.error("WeChat's answer is no picture")
    raise WeChatUnavailable


def accept(answer: Answer, path: str, meanings: Mapping[int, type[Refusal]], secrets: Iterable[str]) -> None:
    """Raise the refusal for this errcode. An unknown errcode is logged: it is an error of the server."""
    errcode = answer["errcode"]
    if errcode == 0:
        return
    if errcode in meanings:
        raise meanings[errcode]
    log.error("WeChat refuses %s: errcode %d, %r", path, errcode, cleaned(answer, secrets))
    raise WeChatUnavailable


def accept_or_raise(answer: Answer, path: str, secrets: Iterable[str]) -> None:
    """Accept the answer, but raise an errcode about the request as wechatpy's exception, which the caller handles."""
    if answer["errcode"] in OURS_TO_MEND | WAIT.keys() | {0}:
        accept(answer, path, WAIT, secrets)
    else:
        raise WeChatClientException(answer["errcode"], cleaned(answer, secrets))


def cleaned(answer: Answer, secrets: Iterable[str]) -> str:
    """Return WeChat's error text without the secrets of our request, which it may repeat."""
    words = str(answer.get("errmsg", ""))
    for secret in filter(None, secrets):
        words = words.replace(secret, "***")
    return words[:LONGEST_ERRMSG]
