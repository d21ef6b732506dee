"""XML -> a value, in which what XML calls the same is the same (Canonical XML 1.1, without comments).

Law of this file: the order of attributes, prefixes, quotes, CDATA, character references and `<a/>` for `<a></a>` are
spelling, as are comments, processing instructions and white space between elements; text is exact. Entities and
external references are never followed: a document that declares them is Unreadable.

The paths: an element is a member of its parent by its local name, `$.Document.Amt`; a list where it comes more than
once, in any such parent on either side, `$.Document.Tx[1]`. An element with text alone is a string. With more, in any
such place, it is an object: attributes are `['@Ccy']`, its text is `['#text']`, and a namespace that is not its
parent's is `['@xmlns']`. Children in another order are an `order` difference at their parent, which an Unordered rule
there excuses.
"""

from collections import Counter
from collections.abc import Iterator

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from comparators.answers import Reading
from comparators.codings import Unreadable
from comparators.differences import Findings
from comparators.document import Json
from comparators.policy import Policy
from comparators.readable import MAX_PARTS, Malformed, aligned, gathered
from comparators.text import codec_of
from comparators.walk import MAX_DEPTH, walk

TEXT = "#text"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_Sequences = dict[int, list[str]]


class Tree:
    """A document's value, and the order of an object's children, by its id, where they have several names."""

    __slots__ = ("sequences", "value")

    def __init__(self, value: dict[str, Json], sequences: _Sequences) -> None:
        self.value, self.sequences = value, sequences


def read_xml(body: bytes, how: Reading) -> Tree:
    """Raises Malformed for what is not well-formed, Unreadable for entities, and for too many or too deep elements."""
    builder = _Builder()
    parser = XMLParser(target=builder, encoding=codec_of(how.charset), forbid_dtd=False)
    try:
        parser.feed(body)
        parser.close()
    except DefusedXmlException as refused:
        raise Unreadable(
            f"XML with {type(refused).__name__.removesuffix('Forbidden').lower()}, never followed"
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise Malformed(f"no XML: {error}") from None
    return Tree(builder.root, builder.sequences)


def compare_xml(legacy: Tree, candidate: Tree, policy: Policy, findings: Findings) -> None:
    """Adds the differences of two documents. Raises Unreadable."""

    def orders(one: Json, other: Json) -> tuple[list[str], list[str]]:
        return _shared(legacy.sequences.get(id(one), []), candidate.sequences.get(id(other), []))

    walk(*aligned(legacy.value, candidate.value, TEXT, MAX_DEPTH), policy, findings, orders=orders)


class _Open:
    """An element whose end has not come."""

    __slots__ = ("children", "is_exact", "name", "namespace", "texts")

    def __init__(self, name: str, namespace: str, attributes: list[tuple[str, Json]], is_exact: bool = False) -> None:
        self.name, self.namespace, self.is_exact = name, namespace, is_exact
        self.children = attributes
        self.texts: list[list[str]] = [[]]  # before, between and after its children


class _Builder:
    """What the parser tells of what it finds. Called by its names."""

    def __init__(self) -> None:
        self._open = [_Open("", "", [])]
        self._elements = 0
        self.root: dict[str, Json] = {}
        self.sequences: _Sequences = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1 + len(attributes)
        if self._elements > MAX_PARTS:
            raise Unreadable(f"XML of more than {MAX_PARTS} elements and attributes")
        if len(self._open) > MAX_DEPTH:
            raise Unreadable(f"XML is nested more than {MAX_DEPTH} levels deep")
        namespace, name = _divided(tag)
        found: list[tuple[str, Json]] = [(f"@{key.replace(_XML, 'xml:')}", text) for key, text in attributes.items()]
        if namespace != self._open[-1].namespace:
            found.append(("@xmlns", namespace))
        space = attributes.get(f"{_XML}space")
        is_exact = self._open[-1].is_exact if space is None else space == "preserve"
        self._open.append(_Open(name, namespace, found, is_exact))

    def data(self, text: str) -> None:
        self._open[-1].texts[-1].append(text)

    def end(self, tag: str) -> None:
        element = self._open.pop()
        parent = self._open[-1]
        parent.children.append((element.name, self._value(element, ["".join(each) for each in element.texts])))
        parent.texts.append([])

    def close(self) -> None:
        self.root = gathered(self._open[0].children)

    def _value(self, element: _Open, texts: list[str]) -> Json:
        """Beside other elements white space is layout, and all other text is a part of it."""
        if len(texts) == 1 and not element.children:
            return texts[0]
        said = [text for text in texts if _counts(text, element) or (text and len(texts) == 1)]
        value = gathered([*element.children, *((TEXT, text) for text in said)])
        sequence = [*_sequence(element, texts)]
        if len({*sequence}) > 1:
            self.sequences[id(value)] = sequence
        return value


def _sequence(element: _Open, texts: list[str]) -> Iterator[str]:
    """The names of children, and where text stands among them."""
    children = [name for name, _ in element.children if not name.startswith("@")]
    for place, text in enumerate(texts):
        if _counts(text, element):
            yield TEXT
        if place < len(children):
            yield children[place]


def _counts(text: str, element: _Open) -> bool:
    """Whether text beside elements is more than layout; all of it is where `xml:space` says so."""
    return bool(text if element.is_exact else text.strip(" \t\r\n"))


def _divided(tag: str) -> tuple[str, str]:
    namespace, brace, name = tag.rpartition("}")
    return (namespace[1:], name) if brace else ("", tag)


def _shared(legacy: list[str], candidate: list[str]) -> tuple[list[str], list[str]]:
    """Both sequences without what the other has not, or has less often."""
    common = Counter(legacy) & Counter(candidate)
    return _kept(legacy, Counter(common)), _kept(candidate, common)


def _kept(names: list[str], left: "Counter[str]") -> list[str]:
    kept = []
    for name in names:
        if left[name] > 0:
            left[name] -= 1
            kept.append(name)
    return kept
