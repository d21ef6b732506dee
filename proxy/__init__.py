"""The map. A request goes in on the left; nothing right of the channel may delay, change or fail anything left of it.

    client -> http1.server -> gateway -> http1.client -> primary upstream         one proxy worker a core
                                 |
                                 +-> channel -> shadow -> http1.send -> shadow upstream    a shadow runner, on idle CPU
                                                   |
                                                   +-> comparators -> redaction -> store -> cli report, show

    messages.py   the words as types: request, response, failure, plan, exchange        pure
    redaction/    what may leave memory                                                 pure
    routing/      which route, which system, and why                                    pure
    evidence/     bounds, noise, findings; the audit chain, so that a change to it shows  pure
    config/       routes.yaml <-> RouteTable
    claims/       which system a payment's key, or an entity, is bound to: a service of its own
    http1/        the HTTP/1.1 engine
    channel/      exchanges in motion: frames on a unix socket
    store/        exchanges at rest: tables, writer, queries, migrations
    telemetry/    one registry of counters and histograms; Prometheus text; logs
    gateway/      the life of one request, until the client has its answer
    shadow/       the life of one exchange, after the client has its answer
    control/      health, metrics and status over HTTP; never touches a payment
    runtime/      processes: supervisor, worker, runner, control; the only place that wires things
    cli/          one file a command family; no logic

`comparators` (beside this package) judges two answers and does not know that a proxy exists. Imports point inwards:
cli > runtime > control > gateway | shadow > claims > http1 | channel | store | telemetry | config > evidence |
routing > redaction > messages > comparators; `make check` proves it.
"""
