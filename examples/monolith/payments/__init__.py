"""Payments, refunds, balances and invoices."""
