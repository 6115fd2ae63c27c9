"""Lists as files for a spreadsheet: a cell is text or a number, and nothing in it runs."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xlsxwriter  # type: ignore[import-untyped]

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A4 = 9
TEXT = 49  # the format of cells that are text, by its number
# Nothing becomes a formula, a link or a number by what it looks like; no file is written on the way.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True)
class Sheet:
    """A list: what it is of, its columns with their widths in letters, its rows, and when it was made."""

    name: str
    about: Sequence[str]
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[str | int]]
    made_at: datetime


def spreadsheet(sheet: Sheet) -> bytes:
    """The sheet as an xlsx file, to print on A4."""
    import xlsxwriter  # here, for few ask: an instance is as small and starts as soon as it can

    drawn = io.BytesIO()
    with xlsxwriter.Workbook(drawn, OPTIONS) as book:
        book.set_properties({"created": sheet.made_at.astimezone(UTC).replace(tzinfo=None)})
        # As text, and marked so: edited or saved as another kind of file, it still begins no formula.
        text = {"num_format": TEXT, "quote_prefix": True}
        plain, bold = (
            book.add_format(text | {"text_wrap": True, "valign": "top"}),
            book.add_format(text | {"bold": True}),
        )
        page, heading = book.add_worksheet(sheet.name), len(sheet.about)
        lines = [*([line] for line in sheet.about), [title for title, _ in sheet.columns], *sheet.rows]
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                if isinstance(cell, int):
                    page.write_number(number, column, cell)
                else:
                    page.write_string(number, column, cell, plain if number > heading else bold)
        _lay_out(page, sheet, heading)
    return drawn.getvalue()


def _lay_out(page: "xlsxwriter.worksheet.Worksheet", sheet: Sheet, heading: int) -> None:
    for column, (_, width) in enumerate(sheet.columns):
        page.set_column(column, column, width)
    page.freeze_panes(heading + 1, 0)
    page.repeat_rows(heading)
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
