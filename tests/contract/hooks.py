"""Hooks for Schemathesis: tokens and addresses of callers."""

import itertools
import json
import os
from pathlib import Path

import schemathesis

WORLD = json.loads(Path(os.environ["CONTRACT_WORLD"]).read_text(encoding="utf-8"))
# Everybody who may call a path calls it, in turns.
CALLERS = {
    "signed_in": ("resident", "worker"),
    "staff": ("worker", "head", "county", "city"),
    "officer": ("county", "city"),
    "city_officer": ("city",),
}
TURNS = {
    who: itertools.cycle([token for kind in kinds for token in WORLD["tokens"][kind]]) for who, kinds in CALLERS.items()
}
CALLS = itertools.count()


@schemathesis.auth(refresh_interval=None)
class Bearer:
    """Sign in as the owner of a resident's need, else as the next person who may call the path."""

    def get(self, case, context):
        who = context.operation.definition.raw["x-roles"]
        subject_key = str((case.path_parameters or {}).get("need_id"))
        if who == "signed_in" and subject_key in WORLD["owners"]:
            return WORLD["owners"][subject_key]
        return next(TURNS[who]) if who in TURNS else None

    def set(self, case, data, context):  # noqa: ARG002 - Schemathesis calls it so
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every call comes from another address, so that none asks too often."""
    call = next(CALLS)
    address = f"10.{call >> 16 & 255}.{call >> 8 & 255}.{call & 255}"
    case.headers = {**(case.headers or {}), "X-Forwarded-For": address}
