#!/usr/bin/env python
"""Django's commands, with the embedded database started for those that need one."""

import os
import sys

# These read files only, or (serve) start the database themselves.
WITHOUT_DATABASE = {
    "", "help", "--help", "-h", "version", "--version", "check", "collectstatic", "findstatic",
    "makemigrations", "diffsettings", "serve",
}  # fmt: skip


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 (an older Python must hear why)
        raise SystemExit("Portal ini memerlukan Python 3.11 atau lebih baru.")
    try:
        from django.core.management import execute_from_command_line

        from cilegon_portal import database
    except ModuleNotFoundError as missing:
        raise SystemExit(f"Paket {missing.name} belum terpasang: jalankan make setup.") from None
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cilegon_portal.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in WITHOUT_DATABASE and not {"-h", "--help"} & set(sys.argv):
        database.keys()  # a missing key is told before a database is looked for
        database.start()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
