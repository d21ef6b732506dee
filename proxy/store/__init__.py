"""Exchanges at rest. This file imports nothing, so that the pure rooms can have `record` without a database.

record        what the store is given: Record, Tally                                       pure
errors        StoreError: what is wrong, whose fault it is, what to do                     pure
url, tls      --store URLs, and how a server is reached                                    pure
buckets       latencies in logarithmic buckets                                             pure
periods       minutes, hours and days: the fewest rows that cover a time                   pure
spelling      headers and bodies as columns                                                pure
columns       types and keys that mean the same in SQLite, PostgreSQL and MySQL
tables        the schema; migrations/ are the ways to it, of steps that may be repeated
connecting    how each database is connected to, and what is set for each connection
faults        what a database raises -> a StoreError, or: the record is at fault
upgrade       bring a store to this schema, one process at a time
engine        open_store(): one writer at a time, and what to do when the store is gone
statements    many rows in one statement, compiled once for each database
counting      one batch of records -> the counters to add                                  pure
pairing       one batch of records -> what its noise controls add                          pure
rows          one record -> its rows                                                       pure
batch         one batch -> one transaction
writer        Writer: a bounded queue in front of one writing task
answers       what can be read: Report, Finding, StoredExchange                            pure
queries       open_queries(): the read side; no query scans exchanges
traffic       recent_traffic(): requests by route and method, of one time range of exchanges
claimed       pinned keys, owned entities, unknown outcomes, as rows                      pure
claims        the same at rest: one transaction at a time, in a place of their own
decisions     decide(): what people say of findings, with its entry in the audit log
keep          what is kept: Keep                                                        pure
retention     prune(): what is old goes, in small transactions
audit         append(): one entry of the audit log; open_audit(): the log as it stands
audit_file    the audit log as a file of JSON lines

A change of the schema: the tables in tables.py, SCHEMA one higher, and a file in migrations/versions made of
`create_table`, `create_index` and `add_column` of migrations/steps.py with the types of columns.py; the tests compare
both on all three databases, and kill an upgrade half-way.
"""
