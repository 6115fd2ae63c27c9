"""Recompute the whole ledger from its entries, and print whether it balances, or where it does not."""

import argparse
import sys

from scripts.environment import run_with_database, settings_of_environment
from server.database import db
from server.domain import ledger


async def audited(url: str) -> ledger.Report:
    async with db.connected(url, pool=1):
        return await ledger.audit(show if sys.stderr.isatty() else quiet)


def show(done: int, total: int) -> None:
    percent = 100 * done // max(total, 1)
    print(
        f"\r{done:,} of {total:,} entries ({percent} %)", end="" if done < total else "\n", file=sys.stderr, flush=True
    )


def quiet(done: int, total: int) -> None:
    """Print no progress: a log gets only the result."""


def main() -> int:
    """Return 0 if the ledger balances, 1 if it does not, 2 if there is no ledger."""
    argparse.ArgumentParser(prog="scripts/audit_ledger", description=__doc__).parse_args()
    report = run_with_database(audited(settings_of_environment().database_url))
    print(report)
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
