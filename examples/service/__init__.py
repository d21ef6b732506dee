"""The candidate system: the service that takes payments over from the monolith, on the monolith's own database.

- `app.py`       the application, and the handlers of what goes wrong.
- `reads.py`     what GET answers. All mistakes planted for the demo are here, each marked "Planted".
- `writes.py`    what POST does, exactly as the monolith does it.
- `commands.py`  what clients may ask for. `calls.py`: how a request comes to a handler. `errors.py`: how it is refused.
- `vat.py`       rates and rounding. `idempotency.py`: a repeated request gets the first one's answer.
- `answers.py`   how rows look as JSON.
- `tables.py`    the monolith's tables, as this service sees them. `database.py`: connections and transactions.
"""
