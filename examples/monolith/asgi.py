"""The monolith for a web server: `python -m uvicorn examples.monolith.asgi:application --port 8001`."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examples.monolith.settings")

application = get_asgi_application()
