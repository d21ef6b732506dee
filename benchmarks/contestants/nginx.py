"""nginx from Debian: plain proxying, and proxying with every request mirrored. One worker, as all contestants have.

Source of the directives: ngx_http_proxy_module, ngx_http_upstream_module and ngx_http_mirror_module on nginx.org.
"""

import re
import subprocess
from collections.abc import Sequence

from benchmarks.contestant import Contestant, Missing, Scene
from benchmarks.install import which

SHELL = """daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 300s;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{inside}
}}
"""
UPSTREAM = "  upstream {name} {{ server 127.0.0.1:{port}; keepalive 64; keepalive_requests 100000000; }}\n"
FORWARD = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;'


def find() -> str | Missing:
    path = which("nginx")
    if path is None:
        return Missing("the Debian package nginx is not installed")
    said = subprocess.run([path, "-v"], capture_output=True, text=True, timeout=10).stderr
    match = re.search(r"nginx/(\S+)", said)
    return match[1] if match else Missing(f"nginx -v said {said.strip()[:100]!r}")


def run(scene: Scene, inside: str) -> Sequence[str]:
    """Write the file around `inside`, the content of its http block, and return the command."""
    config = scene.folder / "nginx.conf"
    config.write_text(SHELL.format(folder=scene.folder, inside=inside))
    return [which("nginx") or "nginx", "-e", "stderr", "-p", str(scene.folder), "-c", str(config)]


def plain(scene: Scene) -> Sequence[str]:
    server = f"  server {{ listen 127.0.0.1:{scene.port}; location / {{ proxy_pass http://legacy; {FORWARD} }} }}"
    return run(scene, UPSTREAM.format(name="legacy", port=scene.legacy) + server)


def mirror(scene: Scene) -> Sequence[str]:
    upstreams = UPSTREAM.format(name="legacy", port=scene.legacy) + UPSTREAM.format(
        name="candidate", port=scene.candidate
    )
    server = f"""  server {{ listen 127.0.0.1:{scene.port};
    location / {{ mirror /_mirror; proxy_pass http://legacy; {FORWARD} }}
    location = /_mirror {{ internal; proxy_pass http://candidate$request_uri; {FORWARD} }}
  }}"""
    return run(scene, upstreams + server)


PLAIN = Contestant("nginx", "passes", find, plain)
MIRROR = Contestant("nginx-mirror", "passes and mirrors, compares nothing", find, mirror)
