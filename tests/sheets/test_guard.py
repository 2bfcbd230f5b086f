"""What is refused, with which sentence, and at what cost."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cilegon_portal.sheets import LARGE, WEB, Sheet, SheetRefused, reading
from cilegon_portal.sheets.limits import MB, SENTENCES
from tests.sheets import evil

ROOT = Path(__file__).resolve().parent.parent.parent
BANNED = re.compile(r"(?i)\b(mohon|maaf|tidak valid|gagal|wajib|error)\b")
# Reads every file that is named, in children of its own, and tells their greatest memory.
WATCHED = """
import json, resource, sys
from pathlib import Path
from cilegon_portal.sheets import WEB, SheetRefused, read
keys = []
for name in sys.argv[1:]:
    try:
        read(Path(name), limits=WEB)
    except SheetRefused as refused:
        keys.append(refused.key)
print(json.dumps([keys, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024]))
"""
ENDLESS = """
import json, sys
from cilegon_portal.sheets import Limits
from cilegon_portal.sheets.child import limit_myself
limit_myself(Limits(**json.loads(sys.argv[1])))
while True:
    pass
"""
TELLS_ITS_ENVIRONMENT = """
import os
from cilegon_portal.sheets import WEB
from cilegon_portal.sheets.child import Answers
answers = Answers(WEB)
answers.send({"number": 1, "header": list(os.environ), "total": 0})
answers.send({"end": 0})
"""
Read = Callable[..., Sheet]


@pytest.mark.parametrize("name", evil.HOSTILE)
def test_a_hostile_file_is_told_why_it_is_refused(name: str, read_bytes: Read) -> None:
    build, key = evil.HOSTILE[name]

    with pytest.raises(SheetRefused) as refused:
        read_bytes(build())

    assert refused.value.key == key
    assert "{" not in refused.value.sentence


@pytest.mark.parametrize("name", evil.DISGUISED)
def test_a_disguised_file_is_not_parsed(name: str, read_bytes: Read) -> None:
    with pytest.raises(SheetRefused) as refused:
        read_bytes(evil.DISGUISED[name]())

    assert refused.value.sentence == "File harus XLSX atau CSV"


def test_enough_disguises_are_tried():
    assert len(evil.DISGUISED) >= 12


def test_a_bomb_takes_little_memory(tmp_path):
    bombs = [name for name, (_, key) in evil.HOSTILE.items() if key in {"bomb", "nested"}]
    bombs.append("a size that lies")
    paths = [tmp_path / str(number) for number in range(len(bombs))]
    for path, name in zip(paths, bombs, strict=True):
        path.write_bytes(evil.HOSTILE[name][0]())

    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *map(str, paths)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )

    keys, most = json.loads(done.stdout)
    assert keys == [evil.HOSTILE[name][1] for name in bombs]
    assert most <= 100 * MB


def test_an_external_entity_reaches_nobody(read_bytes):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        port = listener.getsockname()[1]

        with pytest.raises(SheetRefused, match="entities"):
            read_bytes(evil.outside(f"http://127.0.0.1:{port}/x"))

        with pytest.raises(BlockingIOError):
            listener.accept()


def test_text_that_multiplies_is_refused(read_bytes):
    rows = (evil.HEADER, *(("1", "a" * 400, 1) for _ in range(100)))

    with pytest.raises(SheetRefused, match="bomb"):
        read_bytes(evil.good_csv(rows), replace(WEB, unpacked_bytes=20_000))


def test_memory_runs_out_in_the_child_alone(read_bytes, caplog):
    rows = [range(60), *([f"{number} isi sel"] * 60 for number in range(8_000))]

    with pytest.raises(SheetRefused, match="bomb"):
        read_bytes(evil.good_xlsx(rows), replace(WEB, memory=96 * MB))


def test_time_on_the_processor_runs_out_in_the_child_alone(monkeypatch, read_bytes):
    monkeypatch.setattr(reading, "CHILD", ["-c", ENDLESS])

    with pytest.raises(SheetRefused, match="bomb"):
        read_bytes(evil.good_csv(), replace(WEB, cpu_seconds=1))


def test_a_child_that_answers_nothing_is_not_waited_for(monkeypatch, read_bytes):
    monkeypatch.setattr(reading, "CHILD", ["-c", "import time; time.sleep(600)"])

    with pytest.raises(SheetRefused, match="slow"):
        read_bytes(evil.good_csv(), replace(WEB, wall_seconds=0))


def test_a_child_that_broke_is_a_broken_file(monkeypatch, read_bytes, caplog):
    monkeypatch.setattr(reading, "CHILD", ["-c", "raise SystemExit(1)"])

    with pytest.raises(SheetRefused, match="broken"):
        read_bytes(evil.good_csv())

    assert "ended by itself" in caplog.text


def test_the_child_knows_no_secret(monkeypatch, read_bytes):
    monkeypatch.setattr(reading, "CHILD", ["-c", TELLS_ITS_ENVIRONMENT])

    header = read_bytes(evil.good_csv()).header

    assert "PYTHONPATH" in header
    assert not {"SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "DATABASE_URL"} & set(header)


def test_a_row_and_a_workbook_that_just_fit_are_read(read_bytes):
    rows = ["a" * WEB.cell] * WEB.columns

    sheet = read_bytes(evil.good_xlsx((rows, rows)), replace(WEB, rows=1))

    assert sheet.rows == [(2, rows)]


def test_the_larger_limits_take_what_the_web_refuses(read_bytes):
    many = evil.good_csv((evil.HEADER, *(("1", "Siti", 1) for _ in range(WEB.rows + 1))))

    assert len(read_bytes(many, LARGE).rows) == WEB.rows + 1


def test_a_sentence_of_a_refusal_is_short_and_plain():
    for key in SENTENCES:
        sentence = SheetRefused(key, mb=40, most=150_000, row=150_000).sentence

        assert len(sentence) <= 90
        assert not BANNED.search(sentence)
        assert not sentence.endswith(".")


def test_a_refusal_for_size_has_its_own_status():
    assert SheetRefused("size", mb=5).status == 413
    assert SheetRefused("broken").status == 422
