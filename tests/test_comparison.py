"""docs/comparison.md: what it claims of Engram is what a test that is there holds."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "comparison.md"
FOLDERS = ("tests", "converters/brian2engram/tests")


def rows():
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]
            if "`" in line.split(" | ")[-1]]


def test_every_row_names_a_test_that_is_there():
    found = rows()
    assert len(found) >= 25
    for row in found:
        assert len(row) == 10, row
        file, name = re.fullmatch(r"`([\w.]+)::(\w+)`", row[-1]).groups()
        texts = [path.read_text() for folder in FOLDERS for path in (ROOT / folder).rglob(file)]
        assert any(re.search(rf"\b(def|void) {name}\(", text) for text in texts), row


def test_cells_are_of_four_kinds():
    for row in rows():
        assert set(row[1:9]) <= {"Y", "p", "-", "."}, row
