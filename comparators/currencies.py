"""How many minor units a currency has: ISO 4217, list one, as of 1 January 2025, which SIX maintains.

Law of this file: a code that is not in the list has no exponent, and nothing is guessed for it. Precious metals, test
codes and units of account for which ISO 4217 says "N.A." are not in it.
"""

_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
        "CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
        "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT "
        "MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR "
        "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU "
        "UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

_BY_CODE = {code: exponent for exponent, codes in _EXPONENTS.items() for code in codes.split()}


def exponent(currency: object) -> int | None:
    """The decimal places of a currency's minor unit, by its code in any case; None if it has none or is not known."""
    return _BY_CODE.get(currency.upper()) if isinstance(currency, str) else None
