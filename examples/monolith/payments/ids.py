"""Public ids: a prefix that names the kind, and 24 letters and digits that cannot be guessed (142 bits)."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def new(prefix: str) -> str:
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(24))}"
