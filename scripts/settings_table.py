"""Write the table of settings in server/README.md from the declarations in server/settings.py."""

import argparse
import sys
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from server.settings import Settings

README = Path(__file__).parents[1] / "server" / "README.md"
BEGIN, END = "<!-- settings: written by scripts/settings_table -->", "<!-- end of settings -->"


def table() -> str:
    """Return the table, one row a setting."""
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    return "\n".join(["| name | default | meaning |", "|---|---|---|", *rows])


def _row(name: str, field: FieldInfo) -> str:
    hidden = isinstance(field.default, SecretStr) or field.default == ""
    default = "" if hidden else f"`{field.default}`"
    return f"| `{name.upper()}` | {default} | {field.description} |"


def with_table(text: str) -> str:
    """Return the README's text with the table of today between its two marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{README} has lost the mark {BEGIN}"
    assert end, f"{README} has lost the mark {END}"
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/settings_table", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when the table is stale")
    arguments = parser.parse_args()
    text = README.read_text()
    wanted = with_table(text)
    if text == wanted:
        print("The table of settings is up to date.")
        return 0
    if arguments.check:
        print("The table of settings is stale: run scripts/settings_table")
        return 1
    README.write_text(wanted)
    print("The table of settings is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
