"""How the web server runs, in a demo and in production alike."""

import os
from pathlib import Path

bind = f"127.0.0.1:{os.environ.get('PORT', '').strip() or 8000}"
worker_class = "gthread"
workers = 2
threads = 4
preload_app = True  # one import, and pages of memory that the workers share
timeout = 30
graceful_timeout = 15
keepalive = 5
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
raw_env = ["PORTAL_PROCESS=web"]
