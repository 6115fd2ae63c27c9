"""What goes to standard error: one line an event, for the server and the worker alike."""

import logging
import sys

# They print addresses or statements, which hold what people told us.
QUIET = ("httpx", "httpcore", "tortoise", "aiosqlite", "asyncio", "PIL")
# A broken form is answered with a refusal; its traceback is nobody's business at night.
NOISE = "Failed when parsing form"


def set_up_logging(level: str) -> None:
    """Log from this level on; libraries that are too talkative only from WARNING."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel("WARNING")
    logging.getLogger("sanic.error").addFilter(lambda record: record.msg != NOISE)
