"""Tables as others write them are read; those written here are no programs, whoever is in them."""

import codecs
import csv

import pytest

from lstm_grade.run.tables import TableError, cell, read_table, write_table

ROWS = [["id", "first_name", "email"], ["77", "Ådá, B.", "a@b"], ["78", "", "ö@x.org"]]
LATIN = [["id", "first_name", "email"], ["77", "Ådá B.", "a@b"], ["78", "", "ö@x.org"]]


def text(rows, mark, end="\n"):
    quoted = [[f'"{each}"' if mark in each else each for each in row] for row in rows]
    return end.join(mark.join(row) for row in quoted) + end


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\n\r\n"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_excels_and_others(tmp_path, encoding, end, mark):
    path = tmp_path / "roster.csv"
    path.write_bytes(text(LATIN, mark, end).encode(encoding))
    table = read_table(path)
    assert table.columns == LATIN[0]
    assert [list(row.values()) for row in table.rows] == LATIN[1:]


def test_a_first_line_that_says_what_parts_columns(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_bytes(codecs.BOM_UTF8 + b"sep=;\r\nid;name, first\r\n1;Ada\r\n")
    table = read_table(path)
    assert table.rows == [{"id": "1", "name, first": "Ada"}]
    assert [number for number, _ in table.numbered] == [3]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"PK\x03\x04 workbook", "is an Excel workbook; save it as CSV"),
        (b"a,b\n\x00\x01\x02,\x00", "is no text"),
        (codecs.BOM_UTF8 + b"\xff\xff", "begins as utf-8-sig and is none"),
    ],
)
def test_what_is_no_table_is_said(tmp_path, content, said):
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=said):
        read_table(path)


FORMULAS = [
    *('=HYPERLINK("http://x","y")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "＝1+1"),
    *(" =1+1", "\t=1", "\r=1", "\n=1", "=1\n=2"),
]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_is_a_formula(tmp_path, formula):
    write_table(tmp_path / "x.csv", [["student"], [formula]])
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8") as file:
        (_, (found,)) = list(csv.reader(file))
    assert found.lstrip()[0] not in "=+-@＝＋－＠\t\r\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        *((None, ""), (30.0, "30"), (-1.5, "-1.5"), (1 / 3, "0.3333333333"), (True, "True")),
        *(("-3", "-3"), ("+4.5", "+4.5"), ("Łukasz\u00a0M.", "Łukasz\u00a0M.")),
        ("Ada\u202egnp", "Ada\\u202egnp"),
        ("two\nlines", "two\\nlines"),
    ],
)
def test_all_else_stays(value, written):
    assert cell(value) == written


def test_a_table_is_whole_or_not_there(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("before")

    def rows():
        yield ["a"]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_table(path, rows())
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
