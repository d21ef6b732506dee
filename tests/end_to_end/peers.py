"""nginx and HAProxy as plain reverse proxies of one upstream, with their defaults where framing is concerned."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.ports import free_port, listens
from tests.support.process import Processes
from tests.support.services import require_service

_NGINX = """\
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Connection "";
      proxy_next_upstream off;
    }}
  }}
}}
"""
_HAPROXY = """\
global
  log stderr format raw local0 err
defaults
  mode http
  timeout client 5s
  timeout connect 2s
  timeout server 5s
  timeout http-request 5s
  retries 0
frontend in
  bind 127.0.0.1:{port}
  default_backend out
backend out
  server upstream 127.0.0.1:{upstream}
"""


def nginx(run_process: Processes, folder: Path, upstream: int) -> int:
    """The port of a running nginx; skips where there is none."""
    command: list[str | Path] = [
        require_service("nginx"),
        "-p",
        folder,
        "-e",
        folder / "early.log",
        "-c",
        folder / "nginx.conf",
    ]
    return _started(run_process, command, folder / "nginx.conf", _NGINX, upstream)


def haproxy(run_process: Processes, folder: Path, upstream: int) -> int:
    """The port of a running HAProxy; skips where there is none."""
    command: list[str | Path] = [require_service("haproxy"), "-db", "-f", folder / "haproxy.cfg"]
    return _started(run_process, command, folder / "haproxy.cfg", _HAPROXY, upstream)


def version(executable: str) -> str:
    """Such as 1.22 or 2.6."""
    run = subprocess.run([require_service(executable), "-v"], capture_output=True, text=True, check=True, timeout=10)
    found = re.search(r"(\d+\.\d+)\.\d", run.stdout + run.stderr)
    assert found is not None
    return found[1]


def _started(run_process: Processes, command: Sequence[str | Path], conf: Path, text: str, upstream: int) -> int:
    port = free_port()
    conf.write_text(text.format(folder=conf.parent, port=port, upstream=upstream))
    run_process(command, lambda _: listens(port))
    return port
