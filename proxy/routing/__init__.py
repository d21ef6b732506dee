"""Which route, which system, and why.

    route.py     what a route and a backend are: frozen data
    target.py    a raw request target, and the ways in which a server could read it
    asked.py     one request as conditions and canaries read it
    bearer.py    what a bearer token claims, trusted for nothing
    expression.py RE2, as everywhere in the table
    condition.py what a match asks besides method and path, compiled
    rule.py      one match of one route, compiled, with its rank
    shelf.py     the rules of one path; many are found by a value that they ask for
    trie.py      an index over path segments
    match.py     the compiled matcher: the route that wins one request
    canary.py    who goes to the candidate: a stable bucket of each key
    entities.py  the things that both systems know by an id, and the places where such ids stand
    ids.py       the ids in one message, and the bytes that spell them
    json_spans.py where the values at some paths stand in a JSON text
    sandbox.py   what a sandbox is told, and how it shows that it is one
    split.py     the plan of one request: primary, shadow or none, and the reason
    table.py     the route table: everything that routes.yaml says, immutable, with a hash
    digest.py    that hash
    packed.py    a table as bytes, for our own processes
    uncollected.py without the collector of cycles
    override.py  what operators say at run time, put over a table
    standing.py  a stage and its share
    witnesses.py requests that change their route
    moves.py     what a new table moves, and its dangers
    callers.py    who of a canary's callers moves, when it becomes another
    explain.py   the winner, the losers and why, for a person

Pure: bytes and frozen values in, frozen values out. No file, socket, clock or randomness.
"""
