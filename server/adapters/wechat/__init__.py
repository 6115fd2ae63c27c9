"""WeChat: whom a sign-in code belongs to, and calls in the mini-program's name."""

from server.outside.wechat.app import WeChatApp
from server.outside.wechat.protocol import TokenCache, WeChat, WeChatIdentity

__all__ = ["TokenCache", "WeChat", "WeChatApp", "WeChatIdentity"]
