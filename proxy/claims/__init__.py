"""Who holds what: the system that a payment's key, or an entity, belongs to. The one store that a payment waits for.

    words.py      what a worker and the service say to each other                         pure
    keys.py       the idempotency key that a request carries, and whose it is             pure
    named.py      the entities that a request names, and those that an answer has created   pure
    documents.py  bodies as documents: JSON and forms                                     pure
    ledger.py     what a batch of messages makes of the rows that it concerns             pure
    durable.py    the same, in one transaction
    service.py    the socket that workers bid on; many claims, one commit
    client.py     the worker's side: bids, answers, endings
    journal.py    claims that a worker had to make alone

Law of this room: a claim is on disk before its request is sent. Whoever claims first decides; nobody is ever sent to
another system than the one that is bound, also not while the service, its disk or its worker is gone: then the answer
is 503.
"""
