"""Sign in with WeChat, and list the person's sessions."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, Moment, line


class NewSession(ContractModel):
    """The code that `wx.login` gave the mini-program."""

    code: line(100) = Field(description="The code of wx.login: valid once, five minutes")  # type: ignore[valid-type]
    device: line(100) = Field("微信", description="What the person calls this phone in their list of sessions")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "dev-wangnainai", "device": "王奶奶的手机"}]})


class SessionToken(ContractModel):
    """The token is shown once and goes into `Authorization: Bearer …`. It ends after long disuse or by signing out."""

    token: str = Field(examples=["Zk3mB0cQ…"])
    session_id: Id
    expires_at: Moment = Field(description="If unused until then; each use moves it on")
    person_id: Id


class SessionSummary(ContractModel):
    id: Id
    device: str
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment
    current: bool = Field(description="Whether this request came by it")


class SessionList(ContractModel):
    items: list[SessionSummary]
