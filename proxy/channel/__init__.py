"""Exchanges in motion: from the proxy worker, which must never wait, to the shadow runner, which may be slow or dead.

    tally.py     what a source has counted so far
    codec.py     Exchange and Tally <-> one length-prefixed frame                         pure
    outbox.py    frames that wait to be written, bounded by bytes                         pure
    local.py     LocalSender: the worker's end of a unix socket; takes or drops, never waits
    inbox.py     messages that wait to be handled, bounded by number and by bytes
    peer.py      who may talk on the socket: its folder, its modes, the uid at the other end
    receiver.py  LocalReceiver: the runner's end; stops reading when it is full

Law of this room: every place where something can wait has a bound. Back-pressure runs from the runner to the sender,
and there, at one place only, what does not fit is dropped and counted.
"""
