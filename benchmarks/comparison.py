"""The cost of one comparison and of keeping one exchange, from compare.py and store.py, each in a process of its own;
their figures are passed on as they are.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMPARE, STORE = "benchmarks.compare", "benchmarks.store"
PATIENCE = 300
"""Seconds that one may take."""


def run(module: str) -> str:
    """Its JSON object, or one with the key `failed` and its last words."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", module], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return json.dumps({"failed": f"it took more than {PATIENCE} s"})
    return done.stdout if done.returncode == 0 else json.dumps({"failed": done.stderr.strip()[-300:]})


def rows(text: str) -> list[list[str]]:
    """[name, figures] for each entry of the object; a list gives a row for each of its items."""
    found = []
    for name, value in json.loads(text).items():
        for item in value if isinstance(value, list) else [value]:
            found.append([f"`{name}`", _words(item)])
    return found


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(item)}" for name, item in value.items())
    return str(value).replace("|", "\\|").replace("\n", " ")
