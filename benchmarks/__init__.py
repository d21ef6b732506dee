"""The same work done by us and by others, on one machine in one run: `make bench` writes RESULTS.md.

Law of this package: it drives proxies over the wire only and never imports proxy. Only loopback, every load bounded
in time, every process that it starts ended by it. It states figures; it never passes or fails anybody.

    __main__.py     the command: what is measured, in which order, what is printed
    contestant.py   what a contestant is: how it is found, started, and which of its processes count
    contestants/    one small file a contestant: nginx, HAProxy, Envoy, Traefik, mitmproxy, a plain aiohttp, and us
    lane.py         a contestant up and running, and how it is measured
    contest.py      the first table: CPU µs a request, all contestants in turn
    states.py       the second table: the primary path in each state of the shadow, against shadow-off, interleaved
    ratios.py       us against a peer, with the targets
    growth.py       the third table: the cost of a request with more routes, with more connections
    memory.py       and the worker's memory: large bodies, idle connections
    upstreams.py    what stands behind the proxies: nginx if installed, else upstream.py; and one for each mood
    bulk.py         what stands behind it when bodies are large
    idle.py         connections that are open and silent
    load.py         wrk, at full speed or paced, and the reading of its output
    cpu.py          user + system seconds of a tree of processes
    metrics.py      what our own proxy counted, to show that a state was really there
    order.py        who goes when: A B B A
    processes.py    start, wait for, and end processes
    payload.py      the 1 KiB payment that all answer with
    install.py      which Debian package or pinned environment is missing
    machine.py      what it was measured on
    results.py      from figures to Markdown
    comparison.py   runs compare.py and reads its figures
    compare.py      the cost of one comparison, alone
    locks/          the pinned peers from PyPI: `uv pip compile --generate-hashes --no-header --python-version 3.11`
                    here, of each .in, with --only-binary :all:
    soak*.py        `make soak`: mixed faults for a long time, and nothing grows
"""
