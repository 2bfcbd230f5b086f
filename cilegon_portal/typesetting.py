"""A document set in a process of its own: what typst remembers of its pages goes with it.

Run as a script, without the portal. It reads the arguments of `typst.compile` as JSON and writes
the document.
"""

import json
import sys

import typst


def main() -> None:
    asked = json.load(sys.stdin)
    made = typst.compile(**asked)
    if isinstance(made, bytes):
        sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
