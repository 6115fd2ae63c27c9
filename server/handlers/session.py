"""Sign in and out."""

import secrets

from miniprogram_contract.base import Empty
from miniprogram_contract.session import NewSession, SessionList, SessionSummary, SessionToken
from server.adapters import Dependencies
from server.adapters.clock import Moment
from server.adapters.wechat import WeChatIdentity
from server.domain import sessions
from server.errors import (
    AccountShutOut,
    InvalidSignInCode,
    WeChatAccountBlocked,
    WeChatBusy,
    WeChatTooOften,
    WeChatUnavailable,
)
from server.handlers.http import Caller, Roles, endpoint
from server.handlers.http.auth import token_hash
from server.handlers.http.endpoint import RateLimit
from server.models import Session


async def ask_wechat(body: NewSession, dependencies: Dependencies) -> WeChatIdentity:
    return await dependencies.wechat.sign_in(body.code)


@endpoint(
    "POST",
    "/session",
    body=NewSession,
    reply=SessionToken,
    status=201,
    roles=Roles.ANYONE,
    idempotent=False,  # the code itself is valid only once
    prepare=ask_wechat,
    refuses=(AccountShutOut, InvalidSignInCode, WeChatAccountBlocked, WeChatTooOften, WeChatBusy, WeChatUnavailable),
    limit=RateLimit(most=30, seconds=60),
)
async def sign_in(body: NewSession, prepared: WeChatIdentity, dependencies: Dependencies, now: Moment) -> SessionToken:
    """Sign in with a code of `wx.login`; the answer holds the token for all other requests."""
    token = secrets.token_urlsafe(32)
    made = await sessions.sign_in(
        prepared.openid, token_hash=token_hash(token), device=body.device, kept=dependencies.session_lifetime, now=now
    )
    return SessionToken(token=token, session_id=made.id, expires_at=made.expires_at, person_id=made.person_id)


@endpoint("GET", "/session", reply=SessionList)
async def list_sessions(caller: Caller, now: Moment) -> SessionList:
    """List the phones on which the caller is signed in."""
    return SessionList(items=[_shape(one, caller) for one in await sessions.of_person(caller.person_id, now=now)])


def _shape(one: Session, caller: Caller) -> SessionSummary:
    return SessionSummary(
        id=one.id,
        device=one.device,
        created_at=one.created_at,
        last_used_at=one.last_used_at,
        expires_at=one.expires_at,
        current=one.id == caller.session_id,
    )


@endpoint("DELETE", "/session", reply=Empty)
async def sign_out(caller: Caller, now: Moment) -> Empty:
    """Sign out this phone."""
    await sessions.sign_out(caller.session_id, of=caller.person_id, now=now)
    return Empty()


@endpoint("DELETE", "/sessions/<session_id:int>", reply=Empty)
async def end_session(session_id: int, caller: Caller, now: Moment) -> Empty:
    """Sign out another of the caller's phones, such as a lost one."""
    await sessions.sign_out(session_id, of=caller.person_id, now=now)
    return Empty()
