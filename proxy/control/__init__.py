"""What can be asked about a running strangler, on a port of its own.

`state` is what the supervisor tells this process; `answers` are the documents that the admin API gives; `readiness`
says whether traffic may come; `app` serves it with aiohttp, `changes` the part that changes something, in the words of
`asks`; `problems` makes every error an RFC 9457 document; `client`
asks a running control process from the command line.

Law of the room: nothing here touches a payment, and nothing here can make one wait.
"""
