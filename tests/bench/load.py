"""`make load`: eight visitors at once on the pages of a running portal, for ten seconds a page.

`PORT` says where the portal runs, `ARGS` names the paths (default: / and /sehat). Prints requests a
second and the times that half, 95 % and 99 % of the answers needed.
"""

import http.client
import os
import sys
import threading
import time

VISITORS = 8
SECONDS = 10


def visit(port: int, path: str, until: float, times: list[float], refused: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.connect()
    except OSError:  # nobody is there: no times
        return
    while time.monotonic() < until:
        began = time.monotonic()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        times.append(time.monotonic() - began)
        if answer.status >= 500:
            refused.append(answer.status)


def load(port: int, path: str) -> bool:
    times: list[float] = []
    refused: list[int] = []
    until = time.monotonic() + SECONDS
    visitors = [
        threading.Thread(target=visit, args=(port, path, until, times, refused))
        for _ in range(VISITORS)
    ]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    times.sort()
    if not times:
        print(f"{path}: no answer on port {port}; start the portal with make run")  # noqa: T201
        return False
    at = [f"{1000 * times[int(len(times) * share)]:.0f} ms" for share in (0.5, 0.95, 0.99)]
    rate = len(times) / SECONDS
    print(f"{path}: {rate:.0f}/s, p50 {at[0]}, p95 {at[1]}, p99 {at[2]}, {len(refused)} refused")  # noqa: T201
    return not refused


def main() -> int:
    port = int(os.environ.get("PORT") or 8000)
    answered = [load(port, path) for path in sys.argv[1:] or ["/", "/sehat"]]
    return 0 if all(answered) else 1


if __name__ == "__main__":
    sys.exit(main())
