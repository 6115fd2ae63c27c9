"""Balances of accounts, and their entries with the balance after each."""

from collections.abc import Collection
from dataclasses import dataclass

from tortoise.expressions import Q

from server.domain.ledger.account_keys import Key
from server.models import Account, Entry


@dataclass(frozen=True)
class Balance:
    """The balance of an account, and how much of it is on hold."""

    balance: int = 0
    held: int = 0

    @property
    def spendable(self) -> int:
        return self.balance - self.held


async def get_balance(key: Key) -> Balance:
    """Return the account's balance; zero if it was never used."""
    return (await get_balances([key]))[key]


async def get_balances(keys: Collection[Key]) -> dict[Key, Balance]:
    """Return the accounts' balances; zero for those never used."""
    condition = Q(*(Q(owner=key.owner, unit=key.unit) for key in keys), join_type="OR")
    rows = await Account.filter(condition).values("owner", "unit", "balance", "held") if keys else []
    found = {Key(row["owner"], row["unit"]): Balance(row["balance"], row["held"]) for row in rows}
    return {key: found.get(key, Balance()) for key in keys}


async def list_entries(key: Key, *, before: int | None, limit: int) -> list[Entry]:
    """The account's entries with their transfers and what these were captured from, newest first, below a number."""
    account = await Account.get_or_none(owner=key.owner, unit=key.unit)
    if account is None:
        return []
    lines = Entry.filter(account_id=account.id)
    if before is not None:
        lines = lines.filter(number__lt=before)
    return await lines.order_by("-number").limit(limit).select_related("transfer__hold", "transfer__reverses__hold")
