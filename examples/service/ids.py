"""Public ids, shaped as the monolith's: a prefix that names the kind, and 24 letters and digits (142 bits)."""

import secrets
import string


def new(prefix: str) -> str:
    alphabet = string.ascii_letters + string.digits
    return f"{prefix}_{''.join(secrets.choice(alphabet) for _ in range(24))}"
