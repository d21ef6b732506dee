"""HAProxy from Debian: plain proxying on one thread. Source of the directives: HAProxy's configuration manual, 2.6."""

import re
import subprocess
from collections.abc import Sequence

from benchmarks.contestant import Contestant, Missing, Scene
from benchmarks.install import which

CONFIG = """global
  nbthread 1
  maxconn 4096
defaults
  mode http
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend in
  bind 127.0.0.1:{port}
  default_backend legacy
backend legacy
  server legacy 127.0.0.1:{legacy}
"""


def find() -> str | Missing:
    path = which("haproxy")
    if path is None:
        return Missing("the Debian package haproxy is not installed")
    said = subprocess.run([path, "-v"], capture_output=True, text=True, timeout=10).stdout
    match = re.search(r"version (\S+)", said)
    return match[1] if match else Missing(f"haproxy -v said {said.strip()[:100]!r}")


def command(scene: Scene) -> Sequence[str]:
    config = scene.folder / "haproxy.cfg"
    config.write_text(CONFIG.format(port=scene.port, legacy=scene.legacy))
    return [which("haproxy") or "haproxy", "-db", "-f", str(config)]


PLAIN = Contestant("haproxy", "passes", find, command)
