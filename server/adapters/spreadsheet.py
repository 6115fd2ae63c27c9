"""Lists as xlsx files. A cell is text or a number, so no formula in it ever runs."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xlsxwriter  # type: ignore[import-untyped]

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A4 = 9
TEXT = 49  # number of the format of text cells
# No text is turned into a formula, a link or a number, and no temporary file is written.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True)
class Sheet:
    """A list: its title, its columns with their widths in characters, its rows, and when it was made."""

    name: str
    about: Sequence[str]
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[str | int]]
    made_at: datetime


def spreadsheet(sheet: Sheet) -> bytes:
    """Return the sheet as an xlsx file, to print on A4."""
    import xlsxwriter  # imported here: few requests need it, and an instance starts faster without it

    drawn = io.BytesIO()
    with xlsxwriter.Workbook(drawn, OPTIONS) as book:
        book.set_properties({"created": sheet.made_at.astimezone(UTC).replace(tzinfo=None)})
        # Text is written and formatted as text: after editing or saving in another format it still is no formula.
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
