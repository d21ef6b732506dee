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
HEAD = """apiVersion: strangler/v1
kind: RouteTable
metadata: {{name: benchmark}}
spec:
  limits: {{bodyBytes: 200Mi}}
  backends:
    - {{name: legacy, url: "http://127.0.0.1:{legacy}", effects: live}}
    - {{name: candidate, url: "http://127.0.0.1:{candidate}", effects: live}}
  routes:
"""
ROUTE = """    - name: {name}
      stage: {stage}
      matches: [{{path: {{type: {kind}, value: "{path}"}}}}]
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


def route(name: str, stage: str, kind: str = "PathPrefix", path: str = "/") -> str:
    """One route, as lines of routes.yaml; unless told otherwise it takes all requests."""
    return ROUTE.format(name=name, stage=stage, kind=kind, path=path)


def serving(routes: str) -> Callable[[Scene], Sequence[str]]:
    """The command that serves these routes, from the plain Python."""
    return lambda scene: _serve(scene, routes)


def serving_compiled(routes: str) -> Callable[[Scene], Sequence[str]]:
    """The same from the compiled form."""
    return lambda scene: [*COMPILED, *_serve(scene, routes)]


def _serve(scene: Scene, routes: str) -> Sequence[str]:
    file = scene.folder / "routes.yaml"
    file.write_text(HEAD.format(legacy=scene.legacy, candidate=scene.candidate) + routes)
    (scene.folder / STORE).mkdir(exist_ok=True)
    listen = ["--listen", f"127.0.0.1:{scene.port}", "--admin", f"127.0.0.1:{scene.admin}", "--workers", "1"]
    store = ["--store", f"sqlite:///{scene.folder / STORE / 'strangler.db'}"]
    return [str(BINARY), "serve", "-c", str(file), *listen, *store]


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
    name: str, stage: str, form: str, version: Callable[[], str | Missing], command: Callable[[Scene], Sequence[str]]
) -> Contestant:
    shadows = stage == "shadow"
    does = "passes, mirrors, compares, stores" if shadows else "passes"
    ready = shadow_works if shadows else processes_up
    words = f"{does} (stage {stage}), {form}"
    return Contestant(name, words, version, command, role, counts, ready, listens_on_admin=True, defers=shadows)


def compiled(name: str, stage: str, routes: str) -> Contestant:
    """Our compiled form with these routes; `stage`: that of the route of the payment."""
    return _contestant(name, stage, "compiled", find_compiled, serving_compiled(routes))


def pure(name: str, stage: str, routes: str) -> Contestant:
    """The same as plain Python."""
    return _contestant(name, stage, "plain Python", find, serving(routes))


LEGACY = compiled("strangler", "legacy", route("payments", "legacy"))
SHADOW = compiled("strangler-shadow", "shadow", route("payments", "shadow"))
PURE_LEGACY = pure("strangler-pure", "legacy", route("payments", "legacy"))
PURE_SHADOW = pure("strangler-pure-shadow", "shadow", route("payments", "shadow"))
