"""Exchanges at rest. This file imports nothing, so that the pure rooms can have `record` without a database.

record        what the store is given: Record, Tally                                       pure
errors        StoreError: what is wrong, whose fault it is, what to do                     pure
url           --store URLs                                                                 pure
buckets       latencies in logarithmic buckets                                             pure
periods       minutes, hours and days: the fewest rows that cover a time                   pure
spelling      headers and bodies as columns                                                pure
tables        the schema; migrations/ are the ways to it
upgrade       bring a file to this schema, one process at a time
engine        open_store(): the file, its settings, and what to do when it is gone
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
audit         append(): one entry of the audit log; open_audit(): the log as it stands
audit_file    the audit log as a file of JSON lines
"""
