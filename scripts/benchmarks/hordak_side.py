"""The same transfers through django-hordak, on the same MariaDB; run by the Python of its own environment.

Prints one line of JSON for each kind: rate, and processor time for one.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pymysql

# Django asks for mysqlclient; PyMySQL is as good for this and needs no compiler.
pymysql.version_info = (2, 2, 7, "final", 0)
pymysql.install_as_MySQLdb()

import django  # noqa: E402
from django.conf import settings  # noqa: E402

HANDS = 8
WARM = 100


def set_up(port: int) -> None:
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.mysql",
                "NAME": "hordak",
                "HOST": "127.0.0.1",
                "PORT": port,
                "USER": "root",
                "OPTIONS": {"isolation_level": "read committed"},
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "djmoney", "hordak"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="benchmark",  # noqa: S106 - of a private database that is thrown away
        HORDAK_DECIMAL_PLACES=0,
        DEFAULT_CURRENCY="EUR",
        CURRENCIES=["EUR"],
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def measured(accounts: list[Any], pairs: Callable[[int], tuple[int, int]], count: int) -> dict[str, float]:
    from django.db import connection
    from djmoney.money import Money

    def hand(number: int, first: int, last: int) -> None:
        for one in range(first + number, last, HANDS):
            source, target = pairs(one)
            accounts[source].transfer_to(accounts[target], Money(1, "EUR"))
        connection.close()

    def run(first: int, last: int) -> None:
        hands = [threading.Thread(target=hand, args=(number, first, last)) for number in range(HANDS)]
        for one in hands:
            one.start()
        for one in hands:
            one.join()

    run(0, WARM)
    wall, cpu = time.perf_counter(), time.process_time()
    run(WARM, WARM + count)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"rate": count / wall, "cpu_us": 1e6 * cpu / count}


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    set_up(port)
    from hordak.models import Account, AccountType

    accounts = [
        Account.objects.create(name=f"a{number}", type=AccountType.liability, currencies=["EUR"])
        for number in range(2 * HANDS + 1)
    ]
    kinds: dict[str, Callable[[int], tuple[int, int]]] = {
        "transfers, disjoint accounts": lambda one: (2 * (one % HANDS), 2 * (one % HANDS) + 1),
        "transfers, one hot account": lambda one: (0, 1 + one % HANDS),
    }
    print(json.dumps({name: measured(accounts, pairs, count) for name, pairs in kinds.items()}))


if __name__ == "__main__":
    main()
