"""Verify a certificate by its code, without signing in."""

from html import escape

from miniprogram_contract.certificates import CertificateStatus, CertificateVerification
from server.adapters.sheet_texts import day_in_words, hours_in_words
from server.domain import certificates
from server.domain.working_time import SHANGHAI
from server.errors import NotFound
from server.handlers.certificates import serializers
from server.handlers.http import RawResponse, Roles, endpoint
from server.handlers.http.endpoint import RateLimit
from server.handlers.http.html_page import html_page
from server.handlers.phone_text import phone_text

LOOKING_UP = RateLimit(most=20, seconds=60)
STYLE = ".status{font-size:1.7rem;font-weight:bold;color:#9a1b1e;margin:.6rem 0}.valid{color:#0a5c36}"


@endpoint("GET", "/certificates/<code:str>", reply=CertificateVerification, roles=Roles.ANYONE, limit=LOOKING_UP)
async def verify_certificate(code: str) -> CertificateVerification:
    """Return a certificate with a masked name, and whether it is still valid."""
    return serializers.verification(await certificates.verify(code))


@endpoint(
    "GET",
    "/certificates/<code:str>/page",
    reply=RawResponse,
    content_type="text/html",
    roles=Roles.ANYONE,
    limit=LOOKING_UP,
)
async def get_certificate_page(code: str) -> RawResponse:
    """Return the same as a page for a phone's browser, opened by the certificate's QR code."""
    try:
        certificate = await certificates.verify(code)
    except NotFound:
        return html_page("没有查到", "<h1>没有查到这份证明</h1><p>请核对证明编号。</p>", STYLE)
    return _page(serializers.verification(certificate))


def _page(proof: CertificateVerification) -> RawResponse:
    kind = "valid" if proof.status == CertificateStatus.VALID else ""
    stars = f"星级：{'★' * proof.stars}<br>" if proof.stars else ""
    return html_page(
        "志愿服务证明核验",
        f"<h1>志愿服务证明核验</h1><p class='status {kind}'>{escape(proof.status_words)}</p>"
        f"<p>编号：{escape(proof.code)}<br>姓名：{escape(proof.name)}<br>"
        f"服务时长：{hours_in_words(proof.served_minutes)}<br>服务次数：{proof.records}次<br>{stars}"
        f"服务日期：{day_in_words(proof.first_day)}至{day_in_words(proof.last_day)}</p>"
        f"<p>站点：{escape(proof.station.name)}<br>电话：{escape(phone_text(proof.station.phone) or '—')}<br>"
        f"开具日期：{day_in_words(proof.issued_at.astimezone(SHANGHAI).date())}</p>"
        f"<p class=small>{escape(proof.name_words)}；这里只显示一部分，请与纸面核对。</p>",
        STYLE,
    )
