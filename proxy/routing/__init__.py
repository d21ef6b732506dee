"""Which route, which system, and why.

    route.py     what a route and a backend are: frozen data
    target.py    a raw request target, and the ways in which a server could read it
    trie.py      an index over path segments
    match.py     the compiled matcher: the route that wins one request
    split.py     the plan of one request: primary, shadow or none, and the reason
    table.py     the route table: everything that routes.yaml says, immutable, with a hash
    explain.py   the winner, the losers and why, for a person

Pure: bytes and frozen values in, frozen values out. No file, socket, clock or randomness.
"""
