"""WeChat: sign-in codes, and calls on behalf of the mini-program."""

from server.adapters.wechat.client import WeChatApp
from server.adapters.wechat.protocol import TokenCache, WeChat, WeChatIdentity

__all__ = ["TokenCache", "WeChat", "WeChatApp", "WeChatIdentity"]
