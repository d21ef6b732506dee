"""Ways from one schema to the next, for Alembic; `proxy.store.upgrade` walks them."""
