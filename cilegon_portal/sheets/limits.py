"""How large a file may be, on disk and opened, and what a refused one is told."""

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one reading may cost; the same reader serves the web and the command."""

    file_bytes: int
    rows: int
    part_bytes: int = 50 * MB
    unpacked_bytes: int = 100 * MB  # of all parts together, and of what the reader hands back
    columns: int = 60
    cell: int = 500
    entries: int = 200
    ratio: int = 100
    memory: int = 1024 * MB
    cpu_seconds: int = 120
    wall_seconds: int = 180


WEB = Limits(file_bytes=5 * MB, rows=20_000)
LARGE = Limits(
    file_bytes=40 * MB, rows=150_000, part_bytes=8 * 50 * MB, unpacked_bytes=8 * 100 * MB
)

SENTENCES = {
    "none": "Pilih file data upah",
    "type": "File harus XLSX atau CSV",
    "xls": "File .xls belum bisa dibaca. Di Excel pilih Simpan sebagai → .xlsx",
    "size": "Ukuran file harus di bawah {mb} MB",
    "empty": "File ini kosong",
    "pw": "File ini dikunci kata sandi",
    "broken": "File ini rusak. Simpan ulang dari Excel lalu unggah lagi",
    "bomb": "Isi file terlalu besar saat dibuka. Bagi menjadi beberapa file",
    "slow": "File ini terlalu lama dibuka. Bagi menjadi beberapa file",
    "macro": "File ini berisi makro. Simpan sebagai .xlsx biasa lalu unggah lagi",
    "nested": "File ini memuat file lain di dalamnya. Simpan hanya lembar upahnya",
    "entities": "File ini memuat perintah yang tidak kami buka. Simpan ulang dari Excel",
    "rows": "File berisi lebih dari {most} baris. Bagi menjadi beberapa file",
    "columns": "File berisi lebih dari {most} kolom. Hapus kolom yang tidak perlu",
    "cell": "Baris {row}: ada isian lebih dari {most} karakter. Perpendek isinya",
}


class SheetRefused(Exception):
    """The file is not read. `key` names the reason, `sentence` tells its sender."""

    def __init__(self, key: str, **told: int) -> None:
        super().__init__(key)
        self.key = key
        self.told = told

    @property
    def sentence(self) -> str:
        told = {name: f"{number:,}".replace(",", ".") for name, number in self.told.items()}
        return SENTENCES[self.key].format(**told)

    @property
    def status(self) -> int:
        """Return the status of the answer: too large, or not to be processed."""
        return 413 if self.key == "size" else 422


def too_large(limits: Limits) -> SheetRefused:
    return SheetRefused("size", mb=limits.file_bytes // MB)
