"""A list as a spreadsheet: opened again as the zip of XML it is, every cell is text and nothing runs."""

import io
import zipfile
from xml.etree import ElementTree as ET

import pytest

from server.adapters.spreadsheet import Sheet, spreadsheet
from tests.conftest import NOW

MAIN = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
DANGEROUS = [
    "=1+1", '=HYPERLINK("http://example.org")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "{=1}", "＝1",
    "http://example.org", "123", "1e5", "2026-03-10", "'=1", "", " ", "&<>\"'", "王秀英", "第一行\n第二行",
]  # fmt: skip


def opened(file):
    """The cells of the first sheet as lists of texts, and the book's files by name."""
    book = zipfile.ZipFile(io.BytesIO(file))
    files = {name: book.read(name).decode() for name in book.namelist()}
    shared = ET.fromstring(files["xl/sharedStrings.xml"])
    texts = ["".join(part.text or "" for part in one.iterfind(".//m:t", MAIN)) for one in shared]
    page = ET.fromstring(files["xl/worksheets/sheet1.xml"])
    lines = []
    for row in page.iterfind(".//m:row", MAIN):
        cells = [(one.get("t"), one.findtext("m:v", None, MAIN)) for one in row.iterfind("m:c", MAIN)]
        assert {kind for kind, value in cells if value is not None} <= {"s"}, cells
        lines.append([texts[int(value)] if value is not None else "" for _, value in cells])
    return lines, files


def made(*rows, about=("免费体检",)):
    return opened(spreadsheet(Sheet("签到表", about, (("姓名", 16), ("身份", 20)), rows, NOW)))


def test_sheet_has_title_then_columns_then_rows():
    lines, files = made(("王秀英", "居民"), ("李志强", "志愿者（签到）"))

    assert lines == [["免费体检"], ["姓名", "身份"], ["王秀英", "居民"], ["李志强", "志愿者（签到）"]]
    assert 'name="签到表"' in files["xl/workbook.xml"]
    assert NOW.strftime("%Y-%m-%dT%H:%M:%SZ") in files["docProps/core.xml"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_whatever_a_cell_looks_like_it_is_that_text(text):
    lines, _ = made((text, text))

    # XML writes a carriage return as a code of its own.
    assert [one.replace("_x000D_", "\r") for one in lines[-1]] == [text, text]


def test_text_like_a_formula_stays_text():
    _, files = made(*((one, one) for one in DANGEROUS), about=("=1+1", "@x"))

    page = ET.fromstring(files["xl/worksheets/sheet1.xml"])
    assert not page.findall(".//m:f", MAIN)
    assert not page.findall(".//m:hyperlink", MAIN)
    assert not [name for name in files if "vba" in name.lower() or "externalLink" in name or "calcChain" in name]


def test_cells_stay_text_when_somebody_edits_them_or_saves_them_as_csv():
    _, files = made(("=1+1", "x"))

    styles = ET.fromstring(files["xl/styles.xml"]).findall("m:cellXfs/m:xf", MAIN)
    page = ET.fromstring(files["xl/worksheets/sheet1.xml"])
    used = {int(one.get("s", 0)) for one in page.iterfind(".//m:c", MAIN)}
    assert used
    assert all((styles[one].get("quotePrefix"), styles[one].get("numFmtId")) == ("1", "49") for one in used)
