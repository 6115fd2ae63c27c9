"""The WeChat operations that the server uses."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class WeChatIdentity:
    """The user who signed in. WeChat's session key is left out on purpose and never leaves the adapter."""

    openid: str
    unionid: str | None


class WeChat(Protocol):
    async def sign_in(self, code: str) -> WeChatIdentity:
        """Return the user to whom `wx.login` gave this code.

        Raises InvalidSignInCode, WeChatAccountBlocked, WeChatTooOften, WeChatBusy, WeChatUnavailable.
        """

    async def access_token(self) -> str:
        """Return a token that is valid for some minutes. Raises WeChatBusy, WeChatTooOften, WeChatUnavailable."""

    async def code_of(self, scene: str, page: str) -> bytes:
        """Draw the mini-program code, a JPEG or PNG, that opens `page` with `scene`. It never expires.

        Raises WeChatBusy, WeChatTooOften, WeChatUnavailable, the last also when the page is not published yet.
        """

    async def close(self) -> None:
        """Close every connection. Later calls raise `WeChatUnavailable`."""


class TokenCache(Protocol):
    """A cache of the access token for all processes. If it is down, it returns None and never raises."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str, seconds: int) -> None: ...
