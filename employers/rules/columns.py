"""Which column of a firm's own spreadsheet is which: by its name, in any order.

The names are those of SIPP's upload files (data_tk_baru, TK Lanjutan, data_tk_na) and of the
spreadsheets that firms keep. What the portal does not need is read by nobody.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Canonical name -> how it is called on screen and in our own templates.
TITLES = {
    "nik": "NIK",
    "paspor": "Paspor",
    "nama": "Nama",
    "tanggal_lahir": "Tanggal lahir",
    "jenis_kelamin": "Jenis kelamin",
    "kpj": "KPJ",
    "mulai_kerja": "Tanggal masuk kerja",
    "upah": "Upah",
    "tanggal_keluar": "Tanggal keluar",
    "sebab_keluar": "Sebab keluar",
}
CANONICAL = tuple(TITLES)
# The first name that a file has wins: "Upah" stands before "Gaji Pokok".
SYNONYMS = {
    "nik": (
        "nik", "no nik", "nomor nik", "nik ktp", "no ktp", "nomor ktp", "ktp", "no identitas",
        "nomor identitas", "nomor induk kependudukan", "no induk kependudukan", "no e ktp",
        "no ektp", "nik pekerja", "nik karyawan",
    ),
    "paspor": ("paspor", "no paspor", "nomor paspor", "passport", "no passport", "passport number"),
    "nama": (
        "nama", "nama lengkap", "nama pekerja", "nama tenaga kerja", "nama tk", "nama karyawan",
        "nama pegawai", "nama peserta", "nama lengkap pekerja", "nama lengkap tenaga kerja",
        "nama lengkap sesuai ktp", "nama sesuai ktp", "name", "full name",
    ),
    "tanggal_lahir": (
        "tanggal lahir", "tgl lahir", "tanggallahir", "tgl lhr", "tanggal lahir pekerja",
        "date of birth", "birth date", "dob",
    ),
    "jenis_kelamin": (
        "jenis kelamin", "jns kelamin", "kelamin", "l p", "jk", "sex", "gender", "p l",
    ),
    "kpj": (
        "kpj", "no kpj", "nomor kpj", "no peserta", "nomor peserta", "no kartu peserta",
        "nomor kartu peserta", "no bpjs ketenagakerjaan", "nomor bpjs ketenagakerjaan",
    ),
    "mulai_kerja": (
        "tanggal masuk kerja", "tanggal mulai kerja", "tgl mulai kerja", "tgl masuk kerja",
        "tanggal mulai bekerja", "tgl mulai bekerja", "mulai kerja", "mulai bekerja",
        "tanggal masuk", "tgl masuk", "tmt", "tmt kerja", "tanggal bekerja", "tgl kepesertaan",
        "tanggal kepesertaan", "join date", "start date",
    ),
    "upah": (
        "upah", "upah sebulan", "upah per bulan", "upah bulanan", "upah rp", "upah dilaporkan",
        "upah yang dilaporkan", "upah tk", "upah tenaga kerja", "jumlah upah", "total upah", "gaji",
        "gaji sebulan", "gaji per bulan", "gaji bulanan", "upah pokok", "gaji pokok", "wage",
        "salary",
    ),
    "tanggal_keluar": (
        "tanggal keluar", "tgl keluar", "tanggal kejadian", "tgl kejadian", "tanggal na", "tgl na",
        "tanggal nonaktif", "tgl nonaktif", "tanggal berhenti", "tgl berhenti",
        "hari kerja terakhir", "tanggal resign", "tgl resign", "end date",
    ),
    "sebab_keluar": (
        "sebab keluar", "sebab na", "sebab nonaktif", "sebab berhenti", "alasan keluar",
        "alasan berhenti", "kode sebab na",
    ),
}  # fmt: skip
REQUIRED = ("nama", "tanggal_lahir", "upah")
IN_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]")
NO_WORD = re.compile(r"[\W_]+")


class MissingColumn(ValueError):
    """The file lacks a column without which nobody can be reported."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @property
    def sentence(self) -> str:
        return f'Gunakan format dari kami; kolom "{TITLES[self.name]}" tidak ditemukan'


class TwiceColumn(ValueError):
    """Two columns of the file carry one name, and nobody can say which counts."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @property
    def sentence(self) -> str:
        return f'Kolom "{TITLES[self.name]}" ada dua kali. Hapus salah satu lalu unggah lagi'


@dataclass(frozen=True)
class Columns:
    """Where each canonical column stands in the rows of one file."""

    positions: dict[str, int]
    titles: dict[str, str]  # as the file calls them

    def __contains__(self, name: object) -> bool:
        return name in self.positions

    def in_file_order(self) -> Iterator[tuple[str, str]]:
        """Yield the canonical name and the file's own title of each column that is read."""
        for name in sorted(self.positions, key=self.positions.__getitem__):
            yield name, self.titles[name]


def plain(title: object) -> str:
    """Return a title as it is compared: lower case, without dots, stars, brackets and spaces."""
    text = IN_BRACKETS.sub(" ", str(title if title is not None else ""))
    return NO_WORD.sub("", text).casefold()


NAMES = {name: [plain(text) for text in texts] for name, texts in SYNONYMS.items()}


def match_columns(header: Sequence[object]) -> Columns:
    """Return where the columns stand; raise MissingColumn or TwiceColumn."""
    written = [plain(title) for title in header]
    positions = {}
    for name, synonyms in NAMES.items():
        known = next((text for text in synonyms if text in written), None)
        if known is None:
            continue
        if written.count(known) > 1:
            raise TwiceColumn(name)
        positions[name] = written.index(known)
    if "nik" not in positions and "paspor" not in positions:
        raise MissingColumn("nik")
    for name in REQUIRED:
        if name not in positions:
            raise MissingColumn(name)
    titles = {name: " ".join(str(header[at]).split()) for name, at in positions.items()}
    return Columns(positions, titles)
