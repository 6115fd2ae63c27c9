"""An xlsx file opened again as the zip of XML it is."""

import io
import zipfile
from xml.etree import ElementTree as ET

MAIN = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def cells(file: bytes) -> list[list[str | int]]:
    """The cells of the first sheet, row by row: texts and whole numbers."""
    with zipfile.ZipFile(io.BytesIO(file)) as book:
        shared = ET.fromstring(book.read("xl/sharedStrings.xml"))
        page = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    texts = ["".join(part.text or "" for part in one.iterfind(".//m:t", MAIN)) for one in shared]
    return [[_value(cell, texts) for cell in row.iterfind("m:c", MAIN)] for row in page.iterfind(".//m:row", MAIN)]


def _value(cell: ET.Element, texts: list[str]) -> str | int:
    number = int(cell.findtext("m:v", "0", MAIN))
    return texts[number] if cell.get("t") == "s" else number
