"""Types and keys that mean the same in SQLite, PostgreSQL and MySQL; used by the tables and by the migrations.

Law of this file: text is compared sign by sign (MySQL would fold case and accents; it still takes `a` and `a ` for one,
so no key depends on spaces at its end) and has room for what comes; a key has at most 3,072 bytes, which is what
InnoDB takes. What may be longer is a key by its digest.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Double, Integer, LargeBinary, String, Text
from sqlalchemy.dialects import mysql

NAME: Final = String(255)
WORD: Final = String(32)
ID: Final = String(64)
REASON: Final = String(200)
LONG: Final = Text().with_variant(mysql.LONGTEXT(), "mysql")
BYTES: Final = LargeBinary().with_variant(mysql.LONGBLOB(), "mysql")
DIGEST: Final = LargeBinary(16).with_variant(mysql.BINARY(16), "mysql")
SECONDS: Final[Double[float]] = Double()
COUNT: Final = BigInteger()
SMALL: Final = Integer()
YES: Final = Boolean(create_constraint=False)

OPTIONS: Final[dict[str, Any]] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "sqlite_with_rowid": False,
}
"""Of every table: in SQLite a row lies in the tree of its key, as it does in InnoDB."""
