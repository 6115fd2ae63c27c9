"""Check every invariant on a live database. Print one line if all hold, else a line for each broken one."""

import argparse
import sys

from scripts.environment import run_with_database, settings_of_environment
from server.database import db
from server.domain import invariants, ledger


async def checked(url: str) -> tuple[invariants.Report, ledger.Report]:
    async with db.connected(url, pool=1):
        return await invariants.check(), await ledger.audit()


def main() -> int:
    """0: everything holds; 1: something does not; 2: there is no database to look at."""
    argparse.ArgumentParser(prog="scripts/check_data", description=__doc__).parse_args()
    reports = run_with_database(checked(settings_of_environment().database_url))
    print(*reports, sep="\n")
    return 0 if all(report.holds for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
