"""The HTTP/1.1 engine: bytes to heads and bodies, and back.

    line.py     one header line; those that repeat are read once
    head.py     a head's bytes -> RequestHead | ResponseHead, read strictly; llhttp has a veto   RFC 9112, sections 2-6
    body.py     where a body ends: sized, chunked, until close                                  RFC 9112, sections 6-7
    server.py   one client connection: reads requests in turn, writes answers in turn
    client.py   one upstream connection: writes a request, reads its answer
    pool.py     the keep-alive connections to one upstream, bounded
    balance.py  which of several addresses is next, by turn and health      pure
    balanced.py a pool for each of several addresses, and the balancer before them
    send.py     one whole request and its whole answer as values, for those who have no client waiting
    serving.py  what a client connection is given: its bounds, the far side of a request
    tunnel.py   two connections joined, once both sides speak another protocol: bytes as they come
    outlet.py   what one connection has to write, and whether it is taken
    turn.py     the end of the loop's turn: writes together; what can wait, later
    ticker.py   coarse, shared time-outs: no timer a request

Trailers are read, checked, bounded and dropped, of requests and of answers, as a hop may (RFC 9110, section 6.5.1), as
nginx does, and Envoy unless told otherwise. TE is not passed on, so nobody was promised any; and a server that merges
them into the header would take from them what was decided without them. Nothing moves from behind a body to before one.

Both sides stream, and what one side cannot take pauses the other. Nothing here knows routes, systems or shadows.
"""
