"""What this process counted, how long it took, and what it has to say.

`metrics` declares every family that may be counted; `registry` counts, at the price of a dict lookup; `snapshot` is
what a process hands to another; `merge` adds processes up so that a restart loses nothing; `prometheus` prints a
snapshot as text; `logs` writes one line for each thing said.

Law of the room: to count or to log may never fail, wait for, or change what is counted.
"""
