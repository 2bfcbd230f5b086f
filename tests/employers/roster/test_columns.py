from itertools import permutations

import pytest

from employers.rules.columns import NAMES, TITLES, MissingColumn, TwiceColumn, match_columns

SIPP_NEW = [
    "NIK", "KPJ", "Nama Lengkap", "Tempat Lahir", "Tgl Lahir (DD-MM-YYYY)", "Jenis Kelamin",
    "Nama Ibu Kandung", "Alamat", "Kelurahan", "Kode Pos", "No HP", "Email", "Tgl Mulai Kerja",
    "Upah", "Rapel",
]  # fmt: skip


def test_the_columns_of_sipp_are_understood():
    columns = match_columns(SIPP_NEW)

    assert columns.positions == {
        "nik": 0,
        "kpj": 1,
        "nama": 2,
        "tanggal_lahir": 4,
        "jenis_kelamin": 5,
        "mulai_kerja": 12,
        "upah": 13,
    }


def test_our_own_titles_are_understood():
    assert match_columns(list(TITLES.values())).positions == {
        name: number for number, name in enumerate(TITLES)
    }


@pytest.mark.parametrize("header", list(permutations(["NIK", "Nama", "Tgl. Lahir", "Gaji"])))
def test_the_order_of_columns_does_not_matter(header):
    positions = match_columns(header).positions

    assert {name: header[at] for name, at in positions.items()} == {
        "nik": "NIK",
        "nama": "Nama",
        "tanggal_lahir": "Tgl. Lahir",
        "upah": "Gaji",
    }


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("  no.  KTP ", "nik"),
        ("N I K", "nik"),
        ("NAMA_LENGKAP", "nama"),
        ("Nama Lengkap *", "nama"),
        ("tanggal   lahir", "tanggal_lahir"),
        ("Upah (Rp)", "upah"),
        ("GAJI POKOK", "upah"),
        ("L/P", "jenis_kelamin"),
        ("TMT", "mulai_kerja"),
        ("Sebab NA", "sebab_keluar"),
        ("Tanggal Kejadian", "tanggal_keluar"),
    ],
)
def test_capitals_spaces_and_dots_do_not_matter(title, name):
    rest = [text for other, text in TITLES.items() if other != name]

    assert match_columns([*rest, title]).positions[name] == len(rest)


def test_the_whole_wage_goes_before_the_basic_wage():
    columns = match_columns(["NIK", "Nama", "Tanggal lahir", "Gaji Pokok", "Upah"])

    assert columns.positions["upah"] == 4


@pytest.mark.parametrize("name", ["nik", "nama", "tanggal_lahir", "upah"])
def test_a_missing_column_is_named(name):
    header = [title for other, title in TITLES.items() if other not in {name, "paspor"}]

    with pytest.raises(MissingColumn) as refusal:
        match_columns(header)

    assert refusal.value.sentence == (
        f'Gunakan format dari kami; kolom "{TITLES[name]}" tidak ditemukan'
    )


def test_a_file_of_foreigners_needs_no_nik():
    columns = match_columns(["No. Paspor", "Nama", "Tanggal lahir", "Upah"])

    assert "nik" not in columns
    assert "paspor" in columns


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(TwiceColumn) as refusal:
        match_columns(["NIK", "Nama", "Tanggal lahir", "Upah", "upah"])

    assert refusal.value.sentence == (
        'Kolom "Upah" ada dua kali. Hapus salah satu lalu unggah lagi'
    )


def test_empty_titles_and_numbers_are_read_by_nobody():
    columns = match_columns(["", None, 3, "NIK", "Nama", "Tanggal lahir", "Upah"])

    assert [name for name, _ in columns.in_file_order()] == ["nik", "nama", "tanggal_lahir", "upah"]


def test_no_name_means_two_columns():
    names = [text for texts in NAMES.values() for text in texts]

    assert len(set(names)) == sum(len(set(texts)) for texts in NAMES.values())
