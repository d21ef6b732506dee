"""What may leave memory: card numbers, security codes and credentials are replaced before anything is written.

The way of one message, in order of the files:

    redactor      Redactor: request, response, differences, target, text; the only name that others call
    rules         what a policy adds to the defaults; a rule only ever removes more
    headers       Authorization, Cookie, Set-Cookie ... and secrets in the names and values of the others
    body          which kind of body; content codings off; what cannot be read is withheld
      prefilter     the cheap question: could there be anything at all?
      json_text     JSON, replaced in place, every other byte as it was
      markup        XML and HTML, by elements and attributes
      form          forms and query strings, pair by pair
      multipart     part by part
      table         CSV, by columns
      text          everything else, by search, in this order:
        packed        percent-encoding, character references, base64; one in another
        numbers       card numbers, track data, masked numbers, IBANs
        named_text    what follows a telling word
        credentials   keys of providers, by their form
        contacts      e-mail addresses, credentials in URLs, telephone numbers after a word
    difference    the pairs of values that a comparison found
      fragment      lines and beginnings of bodies, often cut
    place, paths  where a value stands, and whether a rule's path names it
    values        one value: what is stored in its place
    keys, words   what the name of a field announces
    cards, iban   where they stand in a text: check digits, and an issuer's range or a country's length
    linear        RE2, for searches over whole bodies
    tokens        keyed tokens in place of values
    key           where the key comes from
    said          words of our own, for logs and the audit log: without a key

Always on, without any rule; docs/redaction.md is the whole table. Card numbers, IBANs, e-mail addresses and keys of
providers are found anywhere; the first and last digits of a card number, account numbers, telephone numbers, people
(names, addresses, dates of birth) and secrets by the names of their fields. CVC, PINs, PIN blocks and track data are
dropped, not tokenised (`cvc_removed`). Equal values become equal tokens under one key, such as `pan_hbqk_…`, where the
second word is the key's; without the key a token tells nothing.
"""

from proxy.redaction.body import MAX_BODY
from proxy.redaction.key import KEY_VARIABLE, is_given, load_or_create_key
from proxy.redaction.redactor import Redactor
from proxy.redaction.rules import RedactionRules
from proxy.redaction.said import scrubbed, without_card_data

__all__ = [
    "KEY_VARIABLE",
    "MAX_BODY",
    "RedactionRules",
    "Redactor",
    "is_given",
    "load_or_create_key",
    "scrubbed",
    "without_card_data",
]
