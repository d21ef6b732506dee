"""What may leave memory: card numbers, security codes and credentials are replaced before anything is written.

The way of one message, in order of the files:

    redactor      Redactor: request, response, differences, target, text; the only name that others call
    rules         what a policy adds to the defaults; a rule only ever removes more
    headers       Authorization, Cookie, Set-Cookie ... and secrets in the values of the others
    body          which kind of body; what cannot be read is withheld
      prefilter     the cheap question: could there be anything at all?
      json_text     JSON, replaced in place, every other byte as it was
      form          forms and query strings, pair by pair
      text          everything else, by search
    difference    the pairs of values that a comparison found
    place, paths  where a value stands, and whether a rule's path names it
    values        one value: what is stored in its place
    keys          what the name of a field announces
    cards         where card numbers stand in a text: Luhn and an issuer's range
    tokens        keyed tokens in place of values; the key

Always on, without any rule: card numbers of 13 to 19 digits, grouped or not, as string, number, form field or in text
(`pan_...`); CVC, PINs, PIN blocks and track data by name (dropped, not tokenised: `cvc_removed`), the first three also
in XML, HTML forms and text; the headers Authorization, Proxy-Authorization, Cookie, Set-Cookie, X-Api-Key; passwords,
keys, cookies, session ids and tokens by name anywhere (`secret_...`), but for a list's `next_page_token`.
Equal values become equal tokens under one key; without the key a token tells nothing.
"""

from proxy.redaction.body import MAX_BODY
from proxy.redaction.redactor import Redactor
from proxy.redaction.rules import RedactionRules
from proxy.redaction.tokens import KEY_VARIABLE, load_or_create_key

__all__ = ["KEY_VARIABLE", "MAX_BODY", "RedactionRules", "Redactor", "load_or_create_key"]
