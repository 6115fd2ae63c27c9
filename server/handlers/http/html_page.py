"""Small HTML pages that load nothing from other servers."""

import base64
import hashlib

from server.handlers.http.raw_response import RawResponse

STYLE = (
    "body{font-family:'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;margin:1.2rem auto;max-width:26rem;"
    "padding:0 1rem;font-size:1.25rem;line-height:1.7;color:#222}"
    "h1{font-size:1.5rem;margin:.2rem 0}p{margin:.4rem 0}.small{font-size:1rem;color:#555}"
)


def html_page(title: str, body: str, style: str = "") -> RawResponse:
    """Return a page that runs and loads nothing. `title` and `body` must be escaped already."""
    css = STYLE + style
    text = (
        "<!doctype html><html lang=zh-CN><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width,initial-scale=1'><meta name=robots content=noindex>"
        f"<title>{title}</title><style>{css}</style></head><body>{body}</body></html>"
    )
    known = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; frame-ancestors 'none'; style-src 'sha256-{known}'"
    return RawResponse(text.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": policy})
