"""The pair that `make demo` migrates: a Django monolith, the FastAPI service that replaces it, and traffic for both.

- `monolith/`     Django: payments, refunds, balances, invoices with VAT; owns the database and its migrations.
- `service/`      FastAPI and SQLAlchemy on the same database; right but for the mistakes of `planted.json`.
- `planted.py`    those mistakes as data: which route, which JSON path, which kind of difference.
- `servers.py`    the database's migration and the commands that start both; used by the demo and the tests.
- `flows.py`      what merchants do, as a pure plan made from a seed.
- `traffic.py`    sends that plan through a proxy and checks each answer's status.
- `routes.yaml`   the route table of the demo.
"""
