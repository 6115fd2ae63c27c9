"""A stand-in for WeChat's servers, and for the city's alarm gateway, on one loopback port.

It answers in WeChat's shapes and error codes from real state (codes, session keys, tokens), misbehaves on
demand (`POST /admin/faults`), and lets its clock be moved (`POST /admin/clock`). Nothing is kept on disk.
"""

from scripts.fake_wechat_server.platform_state import APP_ID, APP_SECRET, openid_of

__all__ = ["APP_ID", "APP_SECRET", "openid_of"]
