"""Emergency numbers in the answer to a plea."""

from pydantic import Field

from miniprogram_contract.base import ContractModel, Id


class EmergencyPhone(ContractModel):
    name: str = Field(examples=["报警"])
    phone: str = Field(examples=["110"])


class EmergencyHelp(ContractModel):
    """The numbers to call at once. Show them large and before anything else; each phone is a button that dials."""

    message: str = Field(examples=["如有生命危险，请立即拨打 110 或 120；心理援助热线 12356。"])
    phones: list[EmergencyPhone]
    need_id: Id | None = Field(description="The emergency need; null: it was not filed, so call, and send it again")


class HeardReply(ContractModel):
    """The reply to a request in which a resident writes."""

    emergency: EmergencyHelp | None = Field(
        None,
        description="There were words of crisis, and an emergency need was filed of them, or the need became one;"
        " null: none",
    )
