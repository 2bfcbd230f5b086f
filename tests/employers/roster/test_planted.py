"""Defects planted at random in a good file: each found in its own cell, and none invented."""

import random
from datetime import date

import pytest

from tests import make
from tests.employers.roster.files import HEADER, OCTOBER, draft_of, nik, worker

ENDS = ("Tanggal keluar", "Sebab keluar", "Jenis kelamin", "KPJ")
DEFECTS = [  # column of the file, what stands there, key, canonical column
    ("nik", "36729915098", "nik.len", "nik"),
    ("nik", "367299150985A001", "nik.chars", "nik"),
    ("nik", "3672993213850001", "nik.date", "nik"),
    ("nik", "3672991509850000", "nik.serial", "nik"),
    ("nik", "3,67E+15", "nik.number", "nik"),
    ("nik", None, "nik.empty", "nik"),
    ("nama", None, "name.empty", "nama"),
    ("nama", "12345", "name.chars", "nama"),
    ("nama", "x" * 130, "name.long", "nama"),
    ("lahir", None, "dob.empty", "tanggal_lahir"),
    ("lahir", "31/02/1985", "dob.real", "tanggal_lahir"),
    ("lahir", "15/13/1985", "dob.real", "tanggal_lahir"),
    ("lahir", date(2026, 12, 1), "dob.late", "tanggal_lahir"),
    ("lahir", "15/09/1880", "dob.old", "tanggal_lahir"),
    ("lahir", date(1985, 9, 16), "nik.dobwarn", "tanggal_lahir"),
    ("masuk", "tahun lalu", "row.date", "mulai_kerja"),
    ("masuk", None, "row.date.empty", "mulai_kerja"),
    ("masuk", date(2026, 11, 1), "row.date.late", "mulai_kerja"),
    ("masuk", date(1980, 1, 1), "row.date.born", "mulai_kerja"),
    ("upah", None, "wage.empty", "upah"),
    ("upah", "enam juta", "wage.form", "upah"),
    ("upah", -6_000_000, "wage.negative", "upah"),
    ("upah", 5469922.59, "wage.sen", "upah"),
    ("upah", 60_000_000_000, "wage.most", "upah"),
    ("upah", 4_000_000, "row.wage.low", "upah"),
    ("upah", 6_000, "row.wage.typo", "upah"),
    ("sebab", "PHK", "row.end.empty", "tanggal_keluar"),
    ("keluar", date(2026, 10, 20), "cause.empty", "sebab_keluar"),
    ("kelamin", "X", "sex", "jenis_kelamin"),
    ("kpj", "123", "kpj", "kpj"),
]
NAMES = ("nik", "nama", "lahir", "masuk", "upah", "keluar", "sebab", "kelamin", "kpj")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_thirty_planted_defects_are_found_in_their_cells_and_none_is_invented(db, seed):
    dice = random.Random(seed)  # noqa: S311 (a test's dice)
    rows = [[*worker(number), None, None, "L", None] for number in range(1, 501)]
    planted = set()
    chosen = dice.sample(range(500), len(DEFECTS) + 1)
    for place, (name, cell, key, column) in zip(chosen, DEFECTS, strict=False):
        rows[place][NAMES.index(name)] = cell
        planted.add((place + 2, column, key))
    first, second = sorted((chosen[-1], min(set(range(500)) - set(chosen))))
    rows[second][0] = nik(first + 1)
    planted.add((second + 2, "nik", "row.nik.dup"))

    draft = draft_of(make.firm(first=OCTOBER), rows, header=(*HEADER, *ENDS))

    found = {
        (row.number, fault["column"], fault["key"])
        for row in draft.rows.all()
        for fault in row.faults + row.warnings
    }
    assert len(DEFECTS) == 30
    assert found == planted
    assert draft.faulty + draft.warned == len(planted)
