"""The life of one exchange, after the client has its answer.

    intake.py    so many exchanges at once, in number and bytes; who comes then waits, and the channel fills up
    runner.py    ShadowRunner: the whole way of one exchange, in order
      ground.py    what the route table says now: the route, the backend, how to compare, what to redact
      guard.py     may this be sent at all?                                                pure
        attestation.py which sandboxes have shown lately that they are ones                pure
      stateful.py  the way of one that names entities or may change something
        touching.py what it touches: entities, and its caller                              pure
        sequence.py  who touches one thing goes one after the other, as the primary answered
        book.py      what is known of entities: twins, gaps, and where the two sides went apart
        pairing.py   which ids of two answers are twins                                    pure
        substitution.py ids replaced in a message, and not a byte besides                  pure
        outgoing.py  what leaves for a sandbox: its own credentials and signature
          cards.py   test numbers and addresses that lead nowhere, in place of real ones   pure
      health.py    is the shadow worth asking now?
      lane.py      for each route so many copies at once and a second; who comes then waits, bounded, or is dropped
      request.py   the copy that is sent: marked, without the client's own idempotency key     pure
      records.py   what is kept of it: redacted, or blank where that could not be done         pure
      sampling.py  which exchanges are kept whole, with fields and bodies
    control.py   the noise control: a second legacy asked the same, and what its answer says of noise
    defects.py   what we did wrong, said once without a clear value
    ports.py     what is asked of others: to send, to keep, to count

Law of this room: every exchange that comes in ends as exactly one record or one counted drop. A copy is sent at most
once and only where the guard allows it; one of a write to a sandbox that attests that it is one, and to nobody else.
What a system does is data; what we did wrong stops nothing but that exchange.
"""
