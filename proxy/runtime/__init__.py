"""The processes of `strangler serve`, and the only place where rooms are wired together.

    serve.py        what `strangler serve` does before any process starts: what can be wrong is found there
    supervisor.py   owns the listening sockets, the signals and the configuration; restarts what dies
    child.py        one started process, as the supervisor sees it
    worker.py       a proxy worker: http1 + gateway + the sending end of the channel
    runner.py       a shadow runner: the receiving end of the channel + shadow + store
    control.py      the control process: status and metrics over HTTP
    entry.py        what all three do first: `python -m proxy.runtime ROLE`, the link, the loop, the log
    link.py         JSON lines between the supervisor and each of them
    upstreams.py    the pools by backend name
    tls.py          contexts that follow their files
    sending.py      the runner's way to a shadow, over pools of its own
    storing.py      the store and the redaction key, made ready
    metering.py     what the gateway counts, in the registry
    lag.py          how late the loop is
    ids.py          ids of exchanges and of processes
    sockets.py      addresses and listening sockets
    probes.py       is a backend there?
    demo.py         `strangler demo`: examples, proxy, traffic, report

A child that loses its link to the supervisor drains and ends, so that nothing is left behind.
"""
