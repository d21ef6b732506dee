"""What is packed in a text: percent-encoding, character references, JSON's escapes, base64; also one in another.

Law of this file: it only unpacks; the caller judges what was in it. Each sign is unpacked once at each depth, and
nothing deeper than MAX_DEPTH, so the work is linear; what is still packed there is withheld whole.
"""

import binascii
import re
from collections.abc import Callable
from urllib.parse import quote, unquote

MAX_DEPTH = 4
"""How many packings in one another are opened."""

SHORTEST = 16
"""Signs of base64 that are looked into: 12 bytes, one less than the shortest card number."""

GZIP = b"\x1f\x8b"
_PERCENT = re.compile(r"(?<![^\s\"'<>&=?;,])[^\s\"'<>&=?;,]*%[0-9a-fA-F]{2}[^\s\"'<>&=?;,]*")
_ESCAPED = re.compile(r"\\u00([2-7][0-9a-fA-F])|&#(?:x0*([2-7][0-9a-fA-F])|0*([3-9][0-9]|1[01][0-9]|12[0-6]));")
_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{SHORTEST},}}={{0,2}}")
PIECE = re.compile(rf"[A-Za-z0-9]{{{SHORTEST},}}")
_PLAIN_SIGN = re.compile(r"[!-$&-/:-@\[-`{-~]")
_URL_SAFE = str.maketrans("-_", "+/")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r")) + b"\x7f"
_CAPITAL, _SMALL = re.compile("[A-Z]"), re.compile("[a-z0-9]")

Cleaner = Callable[[str], str]
"""A text -> the same without its secrets; the very same object if there were none."""


def unescaped(text: str, clean: Cleaner) -> str:
    """Character escapes resolved if that shows a secret, else the very same text."""
    if "\\u00" not in text and "&#" not in text:
        return text
    clear = _ESCAPED.sub(_sign, text)
    return text if clear == text or clean(clear) is clear else clear


def percent_cleaned(text: str, clean: Cleaner) -> str:
    """Percent-encoded words cleaned, at any depth of encoding."""
    return _PERCENT.sub(lambda match: _percent(match[0], clean), text) if "%" in text else text


def base64_cleaned(text: str, clean: Cleaner, withhold: Callable[[str], str]) -> str:
    """Base64 that holds text cleaned within, and packed again; base64 that holds gzip withheld."""
    return _BASE64.sub(lambda match: _run(match[0], clean, withhold), text)


def _sign(match: re.Match[str]) -> str:
    return chr(int(match[3]) if match[3] else int(match[1] or match[2], 16))


def _percent(word: str, clean: Cleaner) -> str:
    clear = unquote(word)
    cleaned = clean(clear)
    return word if cleaned is clear or cleaned == clear else quote(cleaned, safe="".join(_PLAIN_SIGN.findall(word)))


def _run(run: str, clean: Cleaner, withhold: Callable[[str], str]) -> str:
    if not (_CAPITAL.search(run) and _SMALL.search(run)):
        return run
    octets = decoded(run)
    if octets is not None and octets.startswith(GZIP):
        return withhold(run)
    text = None if octets is None else text_of(octets)
    if text is None:
        pieces = PIECE.search(run) is not None and not run.isalnum()
        return PIECE.sub(lambda piece: _run(piece[0], clean, withhold), run) if pieces else run
    cleaned = clean(text)
    return run if cleaned is text or cleaned == text else _encoded(cleaned, run)


def decoded(run: str) -> bytes | None:
    """The bytes of base64 in either alphabet, padded or not."""
    bare = run.rstrip("=").translate(_URL_SAFE)
    if len(bare) % 4 == 1:
        bare = bare[:-1]
    try:
        return binascii.a2b_base64(bare + "=" * (-len(bare) % 4))
    except ValueError:
        return None


def text_of(octets: bytes) -> str | None:
    """The text of bytes, or None if they are none that a person could read."""
    if len(octets.translate(None, _CONTROLS)) != len(octets):
        return None
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return None


def _encoded(text: str, like: str) -> str:
    packed = binascii.b2a_base64(text.encode(errors="surrogatepass"), newline=False).decode()
    if "-" in like or "_" in like:
        packed = packed.replace("+", "-").replace("/", "_")
    return packed if like.endswith("=") or "=" not in packed else packed.rstrip("=")
