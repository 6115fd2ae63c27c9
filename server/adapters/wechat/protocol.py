"""What the rest of the house may ask of WeChat."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class WeChatIdentity:
    """Who signed in. WeChat's session key is left out on purpose: it stays inside the adapter."""

    openid: str
    unionid: str | None


class WeChat(Protocol):
    async def sign_in(self, code: str) -> WeChatIdentity:
        """Name the user to whom `wx.login` gave this code.

        Raises InvalidSignInCode, WeChatAccountBlocked, WeChatTooOften, WeChatBusy, WeChatUnavailable.
        """

    async def access_token(self) -> str:
        """Give a token good for some minutes. Raises WeChatBusy, WeChatTooOften, WeChatUnavailable."""

    async def code_of(self, scene: str, page: str) -> bytes:
        """Draw the mini-program code, a JPEG or PNG, that opens `page` with `scene`; it is good for ever.

        Raises WeChatBusy, WeChatTooOften, WeChatUnavailable, the last also when the page is not published yet.
        """

    async def close(self) -> None:
        """Let go of every connection; later calls raise WeChatUnavailable."""


class TokenCache(Protocol):
    """Where all processes find one access token; a cache that is down answers None and never raises."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, key: str, value: str, seconds: int) -> None: ...
