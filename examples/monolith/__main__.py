"""Django's management commands: `python -m examples.monolith migrate`. Needs STRANGLER_DEMO_DATABASE."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examples.monolith.settings")
    execute_from_command_line(["python -m examples.monolith", *sys.argv[1:]])


if __name__ == "__main__":
    main()
