"""Keys and tokens that can be told by their form: providers of payments, clouds, JWTs, private keys.

Law of this file: forms as the providers document them; each pattern is bounded, and means the same to `re` and to
RE2, so that the prefilter asks by the very same ones.
"""

import re

_FORMS = (
    r"(?:\b|_)(?:sk|rk)_(?:live|test|sbox)_\w{4,512}",  # Stripe
    r"\bsk_(?:sbox_)?[a-z0-9]{20,64}\b",  # Checkout.com
    r"\b(?:pi|seti|cs|src|ek)_\w{4,256}_secret_\w{4,256}",  # Stripe: what a client may do
    r"whsec_[\w+/=]{4,512}",
    r"\bAQE[A-Za-z]{2}[^\s\"'\\&<]{20,512}",  # Adyen
    r"\bsq0[a-z]{3}-[\w-]{16,128}",  # Square
    r"\bEAAA[\w-]{40,512}",
    r"\b(?:live|sandbox|test)_[\w-]{30,128}",  # GoCardless, Mollie
    r"\bA21AA[\w-]{20,512}",  # PayPal
    r"\baccess_token\$(?:production|sandbox)\$\w{4,64}\$\w{16,128}",  # Braintree
    r"\brzp_(?:live|test)_\w{8,64}",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",  # AWS
    r"\bAIza[\w-]{35}",  # Google
    r"\bgh[pousr]_\w{30,255}",  # GitHub
    r"\bxox[abeprs]-[\w-]{10,255}",  # Slack
    r"eyJ[\w-]{8,8192}\.[\w-]{8,8192}\.[\w-]{0,8192}",  # JWT
    r"-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\w+/=\s\\-]{16,8192}",
)
CREDENTIAL = re.compile(f"({'|'.join(_FORMS)})", re.ASCII)
PATTERN = re.sub(r"\{([0-9]+),[0-9]+\}", r"{\1,}", "|".join(_FORMS))
"""The same for RE2, which counts to 1,000 only and needs no upper bound to be linear."""
