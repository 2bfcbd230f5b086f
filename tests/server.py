"""The portal, served from a thread of the test on a free port."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler


class Server(ThreadedWSGIServer):
    """Keeps what a request died of, such as an unknown template variable."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), QuietWSGIRequestHandler)
        self.problems: list[str] = []
        self.set_app(WSGIHandler())

    def handle_error(self, request: Any, client_address: Any) -> None:
        problem = sys.exc_info()[1]
        if not isinstance(problem, ConnectionError):  # a browser may hang up
            self.problems.append(repr(problem))


@contextmanager
def serving() -> Iterator[str]:
    """Serve, and give the address; afterwards fail with what a request died of."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert not server.problems, "\n".join(server.problems)
