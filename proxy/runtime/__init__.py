"""The processes of `strangler serve`, and the only place where rooms are wired together.

    serve.py        what `strangler serve` does before any process starts: what can be wrong is found there
    supervisor.py   owns the listening sockets, the signals and the configuration; restarts what dies
    configuration.py the file, the overrides, and the table that they make
    keeping.py      the last good table and the overrides, on disk beside the store
    watching.py     sees that the file has become another
    changing.py     every change of the table, one after the other, until all have acknowledged it
    breaking.py     the breakers of all workers: opened, probed, closed
    handover.py     an upgrade: a new supervisor takes the sockets over
    recording.py    what goes to the audit log, and waits for nobody
    requests.py     what the admin API asks for, done
    child.py        one started process, as the supervisor sees it
    adopting.py     how a child comes to the next table
    worker.py       a proxy worker: http1 + gateway + the sending end of the channel
    runner.py       a shadow runner: the receiving end of the channel + shadow + store
    claims.py       the claims process: what binds payments to systems, kept for all workers
    guarding.py     the supervisor's part in claims: nothing moves under a payment's feet
    eras.py         which systems keyed writes could have gone to, and when
    control.py      the control process: status, metrics and changes over HTTP
    asking.py       its way to the supervisor
    tokens.py       the token of the admin API
    entry.py        what all of them do first: `python -m proxy.runtime ROLE`, the link, the loop, the log
    link.py         JSON lines between the supervisor and each of them
    upstreams.py    the pools by backend name
    tls.py          contexts that follow their files
    sending.py      the runner's way to a shadow, over pools of its own
    storing.py      the store, what lies beside it, and the redaction key, made ready
    retaining.py    what is old goes from the store
    dumps.py        no core dumps
    metering.py     what the gateway counts, in the registry
    lag.py          how late the loop is
    ids.py          ids of exchanges and of processes
    place.py        the folder of the socket between them; what killed ones left is removed
    sockets.py      addresses and listening sockets
    probes.py       is a backend there?
    health.py       active checks of backends and their addresses
    demo.py         `strangler demo`: examples, proxy, traffic, report

A child that loses its link to the supervisor drains and ends, so that nothing is left behind.
"""
