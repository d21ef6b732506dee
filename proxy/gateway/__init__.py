"""The life of one request, until the client has its answer. It talks to Protocols; runtime gives it the real things.

    gateway.py    holds the table in force; makes a passage of each request head
    passage.py    one request on its way: plan, stream, answer                       the state of a request
    claimed.py    the same in a table that binds keys: it waits for its claim
    claiming.py   what a request claims, and what a grant makes of its plan
    breaker.py    when a candidate that fails is left: one worker's view
    copy.py       what is kept of it for the channel, whole or not at all
    fields.py     which header fields go on, which are dropped, which are added      pure
    answers.py    what the client is told when no upstream answers                   pure; the one place
    ports.py      what the gateway asks of its collaborators                         Protocols

The client's answer is fixed before the copy is offered to the channel; nothing that happens after can reach it.
"""
