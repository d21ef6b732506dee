"""Ourselves: `strangler serve` with one worker and its own store, in stage legacy and in stage shadow; compiled, as it
is meant to be run, and as plain Python.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from http.client import HTTPException
from pathlib import Path

from benchmarks import install, metrics, payload, processes
from benchmarks.contestant import PROXY, Contestant, Missing, Scene

BINARY = Path(sys.executable).with_name("strangler")
ROUTES = """apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: benchmark}}
spec:
  backends:
    - {{name: legacy, url: "http://127.0.0.1:{legacy}", effects: live}}
    - {{name: candidate, url: "http://127.0.0.1:{candidate}", effects: live}}
  routes:
    - name: payments
      stage: {stage}
      matches: [{{path: {{type: PathPrefix, value: /}}}}]
      backendRefs: {{legacy: legacy, candidate: candidate}}
"""
COMPILED = ["env", f"PYTHONPATH={install.COMPILED}"]
STORE = "store"
"""The folder of the store inside the folder of the scene."""


def find() -> str | Missing:
    if not BINARY.exists():
        return Missing("the command strangler is not installed in this environment: make install")
    done = subprocess.run([str(BINARY), "version"], capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        return Missing(f"strangler version failed: {done.stderr.strip()[-300:]}")
    return done.stdout.split()[1]


def find_compiled() -> str | Missing:
    try:
        install.compiled()
    except install.InstallError as error:
        return Missing(str(error))
    return find()


def legacy(scene: Scene) -> Sequence[str]:
    return serve(scene, "legacy")


def shadow(scene: Scene) -> Sequence[str]:
    return serve(scene, "shadow")


def legacy_compiled(scene: Scene) -> Sequence[str]:
    return [*COMPILED, *legacy(scene)]


def shadow_compiled(scene: Scene) -> Sequence[str]:
    return [*COMPILED, *shadow(scene)]


def serve(scene: Scene, stage: str) -> Sequence[str]:
    routes = scene.folder / "routes.yaml"
    routes.write_text(ROUTES.format(legacy=scene.legacy, candidate=scene.candidate, stage=stage))
    (scene.folder / STORE).mkdir(exist_ok=True)
    listen = ["--listen", f"127.0.0.1:{scene.port}", "--admin", f"127.0.0.1:{scene.admin}", "--workers", "1"]
    store = ["--store", f"sqlite:///{scene.folder / STORE / 'strangler.db'}"]
    return [str(BINARY), "serve", "-c", str(routes), *listen, *store]


def role(command_line: str) -> str:
    """`proxy` for a worker; the others by what they are. They start as `python -m proxy.runtime ROLE ...`."""
    _, found, rest = command_line.partition("proxy.runtime ")
    name = rest.split(" ", 1)[0] if found else "supervisor"
    return PROXY if name == "worker" else name


def counts(scene: Scene) -> dict[str, float]:
    return metrics.fetch(scene.admin)


def processes_up(scene: Scene) -> bool:
    """Whether every process of the fleet says that it works."""
    try:
        status, body = processes.get(scene.admin, "/api/v1/status")
    except (OSError, HTTPException):
        return False
    states = {process["state"] for process in json.loads(body)["processes"]} if status == 200 else {"unknown"}
    return states <= {"accepting", "running"}


def shadow_works(scene: Scene) -> bool:
    """Whether, besides, an exchange went the whole way: each call sends one request and looks at what was counted."""
    if not processes_up(scene):
        return False
    processes.get(scene.port, payload.PATH)
    return any(name.startswith("outcome ") for name in counts(scene))


def _contestant(
    name: str, does: str, version: Callable[[], str | Missing], command: Callable[[Scene], Sequence[str]]
) -> Contestant:
    ready = shadow_works if "shadow" in does else processes_up
    return Contestant(name, does, version, command, role, counts, ready, listens_on_admin=True)


_PASSES = "passes (stage legacy)"
_COMPARES = "passes, mirrors, compares, stores (stage shadow)"
LEGACY = _contestant("strangler", f"{_PASSES}, compiled", find_compiled, legacy_compiled)
SHADOW = _contestant("strangler-shadow", f"{_COMPARES}, compiled", find_compiled, shadow_compiled)
PURE_LEGACY = _contestant("strangler-pure", f"{_PASSES}, plain Python", find, legacy)
PURE_SHADOW = _contestant("strangler-pure-shadow", f"{_COMPARES}, plain Python", find, shadow)
