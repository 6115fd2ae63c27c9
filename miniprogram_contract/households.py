"""Households: people who live together."""

from pydantic import ConfigDict, Field

from miniprogram_contract.base import ContractModel, Id, Moment, line


class HouseholdMember(ContractModel):
    person_id: Id
    name: str | None = Field(description="Whole: they live together")
    joined_at: Moment


class HouseholdDetail(ContractModel):
    """The person's own household; members in the order in which they joined."""

    members: list[HouseholdMember]


class HouseholdInvitation(ContractModel):
    code: str = Field(description="Shown only once; one person may join with it", examples=["K7PM3XQA"])
    expires_at: Moment


class NewMembership(ContractModel):
    code: line(20) = Field(description="As the family gave it, small letters too")  # type: ignore[valid-type]

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "K7PM3XQA"}]})


class NewHouseholdMember(ContractModel):
    """Two people whom the station knows."""

    person_id: Id
    household_member_id: Id = Field(description="The person whose household they join; it is created if there is none")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"person_id": 4503599627370495, "household_member_id": 4503599627370494}]}
    )


class HouseholdMemberRemoval(ContractModel):
    person_id: Id

    model_config = ConfigDict(json_schema_extra={"examples": [{"person_id": 4503599627370495}]})


class HouseholdSize(ContractModel):
    members: int = Field(description="Number of members now")
