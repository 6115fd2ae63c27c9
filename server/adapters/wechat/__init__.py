"""WeChat: whom a sign-in code belongs to, and calls in the mini-program's name."""

from server.adapters.wechat.client import WeChatApp
from server.adapters.wechat.protocol import TokenCache, WeChat, WeChatIdentity

__all__ = ["TokenCache", "WeChat", "WeChatApp", "WeChatIdentity"]
