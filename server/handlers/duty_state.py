"""Serialize whether a person is on duty at a station."""

from miniprogram_contract import duty as contract
from server.domain.duty import cover
from server.domain.duty.cover import DutyState


def duty_state(state: DutyState) -> contract.DutyState:
    return contract.DutyState(on_duty=state.covered, words=cover.in_words(state), begins_at=state.begins_at)
