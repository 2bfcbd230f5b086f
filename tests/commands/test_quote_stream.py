"""`quote --batch` as a program between two pipes."""

import json
import subprocess
import sys
from pathlib import Path

from tests.commands.test_quote import FISHERMAN, STEELWORKER

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_answers_while_it_reads(portal_environment):
    with subprocess.Popen(
        [sys.executable, "manage.py", "quote", "--batch"],
        cwd=ROOT,
        env=portal_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        for asked in (FISHERMAN, STEELWORKER):
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            assert "total" in json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait() == 0
