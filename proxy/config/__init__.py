"""routes.yaml <-> RouteTable. The only room that knows YAML and pydantic; what leaves it is frozen data of other rooms.

errors.py        ConfigError, ConfigErrors: file, line, column, path, message
yaml_reader.py   text -> values, each with its place; strict YAML 1.2 core, bounded
scalars.py       one scalar: what it means, and ${VAR}
values.py        durations, sizes, names: the words inside a scalar
schema.py        the whole document, as users write it; its parts in schema_*.py
wording.py       what pydantic says -> what a person can act on
supported.py     which fields and values have an effect today
checks.py        what a schema cannot see: names that nobody has, stages without a candidate
match_checks.py  the same of one match
canary_checks.py the same of one canary
lint.py          what is probably not meant: warnings
overlaps.py      matches that never win, and those that only their order tells apart
tls_checks.py    what is wrong, or soon will be, with the files of TLS
certificates.py  the files of TLS -> ssl contexts
x509.py          the dates in a certificate
policies.py      comparePolicies -> comparators
defaults.py      routes and backends with what spec.defaults and groups say for them
build.py         a checked document -> RouteTable
build_match.py   a checked match -> Match
load.py          all of the above in order: load, loads, inspect
edit.py          a flip in the text of a file; edit_find, edit_splices, nodes, text: its parts
annotation.py    the comment that a flip leaves
patch.py         a unified diff
swap.py          a file replaced whole
render.py        errors for a terminal, a program and GitHub
"""
