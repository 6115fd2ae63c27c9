"""Logging to standard error, one line an event, for the server and the job runner."""

import logging
import sys

# These libraries log addresses or statements, which contain personal data.
QUIET = ("httpx", "httpcore", "tortoise", "aiosqlite", "asyncio", "PIL")
# A broken form is answered with a refusal, so its traceback is not logged.
NOISE = "Failed when parsing form"


def set_up_logging(level: str) -> None:
    """Log from this level on, and from WARNING on for verbose libraries."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # No line says where it was written, so it need not be found out for each.
    logging._srcfile = None  # noqa: SLF001 - as Python's "Logging HOWTO" advises
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for name in QUIET:
        logging.getLogger(name).setLevel("WARNING")
    logging.getLogger("sanic.error").addFilter(lambda record: record.msg != NOISE)
