"""The words by which the names of fields are judged: lower case, without separators and accents.

Law of this file: an ending stands for every longer name (`billing_first_name`); a word that also ends ordinary names
stands as a whole name only. The prefilter searches for words made from these, so that it is blind to none.
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SEPARATORS = "_-. []@#"

CVC_ENDINGS = _words(
    "cvc cvc2 cvv cvv2 cvn cvn2 csc cav2 cvccode cvvcode cvcnumber cvvnumber securitycode cardverificationcode"
    " cardverificationvalue cardvalidationcode verificationvalue"
    " prufziffer prufnummer kartenprufnummer cryptogrammevisuel codesecurite codigodeseguridad codigoseguridad"
    " codigodeseguranca codigoseguranca codicedisicurezza codicesicurezza"
)
CVC_NAMES = _words("cv2 cv2code cv2number cardcv2")
CODE_PARENTS = _words("security verification")
PIN_NAMES = _words("pin pinblock encryptedpinblock cardpin encryptedpin newpin oldpin onlinepin")
TRACK_NAMES = _words(
    "track1 track2 track3 track1data track2data track3data trackdata track2equivalentdata magstripe magneticstripe"
    " magstripedata swipe swipedata emvdata"
)
CARD_ENDINGS = _words(
    "cardnumber cardno cardnum ccnumber ccnum primaryaccountnumber creditcard debitcard"
    " kartennummer numerocarte numerodecarte numerodetarjeta numerotarjeta numerodocartao numerocartao"
    " numerocarta numerodellacarta numerkarty kaartnummer kortnummer номеркарты 卡号 カート番号"
)
CARD_NAMES = _words("pan cardpan dpan fpan mpan rawpan clearpan fundingpan devicepan")
PART_ENDINGS = _words(
    "last4 lastfour last4digits lastfourdigits last4digit first6 firstsix first6digits firstsixdigits first8 firsteight"
    " cardbin issuerbin cardsummary maskedpan maskedcardnumber maskedcard maskednumber truncatedpan cardsuffix panlast4"
    " pansuffix panprefix cardprefix issueridentificationnumber bankidentificationnumber obfuscatedcardnumber"
)
PART_NAMES = _words("bin iin bin6 bin8 binnumber lastdigits firstdigits")
IBAN_ENDINGS = _words("iban")
ACCOUNT_ENDINGS = _words(
    "bankaccountnumber accountnumber accountno acctnumber acctno kontonummer numerodecompte numerodecuenta"
)
EMAIL_ENDINGS = _words("email emailaddress mailaddress emailaddr почта 邮箱")
PHONE_ENDINGS = _words(
    "phone phonenumber telephone telephonenumber mobilenumber mobilephone cellphone cellnumber msisdn faxnumber"
    " telefon telefonnummer handynummer telefono telefone telefoon nationalnumber"
    " телефон 手机 手机号 电话 電話番号"
)
PERSON_ENDINGS = _words(
    "firstname lastname fullname givenname familyname middlename maidenname surname holdername cardholder accountholder"
    " nameoncard payername payeename customername shoppername recipientname beneficiaryname ownername accountname"
    " ultimateholder cardownername contactname legalname secondname birthname"
    " billingname shippingname cardname signername"
    " addressline1 addressline2 addressline3 address1 address2 streetaddress streetline1 streetline2 streetname"
    " housenumber housenumberorname postalcode postcode zipcode"
    " ssn socialsecuritynumber nationalid nationalidnumber passportnumber personalnumber drivinglicence"
    " identitynumber nationalidentitynumber taxpayerid"
    " ipaddress shopperip clientip customerip buyerip payerip"
    " vorname nachname karteninhaber kontoinhaber titulaire nomdefamille prenom apellido apellidos titulardelatarjeta"
    " cognome intestatario sobrenome nomecompleto nombrecompleto voornaam achternaam kaarthouder rekeninghouder imie"
    " nazwisko fornamn efternamn fornavn etternavn postleitzahl codepostal codigopostal"
    " имя фамилия отчество держатель держателькарты адрес 姓名 持卡人 地址 身份证 氏名 住所 名義"
)
PERSON_NAMES = _words(
    "holder ownername line1 line2 line3 street zip plz individualname idnumber xforwardedfor xrealip forwarded"
    " trueclientip cfconnectingip fastlyclientip"
)
WHOLE_ENDINGS = _words(
    "dateofbirth birthdate birthday birthdetails datedenaissance geburtsdatum fechadenacimiento datadinascita"
    " datadenascimento"
)
BIRTH_NAMES = _words("dob")
NAME_PARENTS = _words(
    "card holder cardholder accountholder owner billingdetails billing billingaddress shipping shippingaddress"
    " customer customerdetails payer payee shopper recipient beneficiary individual person contact signer"
)
SECRET_ENDINGS = _words(
    "password passwd passphrase passcode secret secretkey apikey privatekey accesskey authorization hmackey"
    " token cookie sessionid sessid sessionkey motdepasse contrasena kennwort passwort"
)
SECRET_NAMES = _words("otp pwd jwt apisecret bearer credentials connectionstring")
NO_SECRET_ENDINGS = _words("pagetoken")  # where a list goes on
SECRET_PARENTS = frozenset(_words("cookie cookies"))
ITSELF = frozenset(_words("#text content value values"))
"""Members that hold what the name of their object announces: `{"email": {"value": …}}`, the text of an XML element."""

NAMING = frozenset(_words("name key field id label type code autocomplete property itemprop"))
NAMED = frozenset(_words("value content values val"))
"""In a pair of members or attributes, the one that names the other, and the other."""


def _least(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without those that hold another one."""
    return tuple(word for word in sorted(set(words)) if not any(other in word for other in words if other != word))


TELLING_WORDS = _least(
    (
        *(*CVC_ENDINGS, *CVC_NAMES, *TRACK_NAMES, *PART_ENDINGS, *IBAN_ENDINGS, *ACCOUNT_ENDINGS, *EMAIL_ENDINGS),
        *(*PHONE_ENDINGS, *PERSON_ENDINGS, *WHOLE_ENDINGS, *SECRET_ENDINGS),
        *_words("bearer verificationcode validationcode validationvalue cryptogramme codigodeseguran sicurezza"),
    )
)
"""One of these, with or without separators, is in every text with a name that tells by its ending."""

WHOLE_NAMES = (
    *_words("cid security verification tel"),
    *BIRTH_NAMES,
    *PERSON_NAMES,
    *PART_NAMES,
    *SECRET_NAMES,
    *PIN_NAMES,
)
"""One of these, and a sign or the end of a tag after it, is in every text with a name that tells only as a whole."""

CARD_WORDS = _least((*CARD_ENDINGS, *CARD_NAMES, "card"))
"""The same for names that announce a card number."""
