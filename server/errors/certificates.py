"""Refusals about certificates."""

from server.errors.base import Refusal


class NameNeeded(Refusal):
    """A certificate names whom it is about: `PATCH /me` comes first."""

    code = "name_needed"
    status = 409
    message = "请先填写您的姓名，再开具志愿服务证明"


class NothingServed(Refusal):
    """No service of theirs has been approved yet."""

    code = "nothing_served"
    status = 409
    message = "您还没有站点核实过的志愿服务，暂时不能开具证明"


class CertificateRevoked(Refusal):
    """Withdrawn by whom it is about; it stays so, and is drawn no more."""

    code = "certificate_revoked"
    status = 409
    message = "这份证明已经作废，如有需要可以重新开具"
