"""XML: what Canonical XML calls the same is the same, and nothing else is."""

import time

import pytest

from comparators import IgnoreRule, Rule, Severity, SeverityRule, UnorderedRule
from comparators.answers import Reading
from comparators.codings import Unreadable
from comparators.differences import Findings
from comparators.readable import Malformed
from comparators.xml import compare_xml, read_xml
from tests.comparators.support import found, policy_of

HOW = Reading("application/xml", "", ())


def kinds(legacy: str, candidate: str, *rules: Rule) -> list[tuple[str, str]]:
    findings = Findings()
    compare_xml(read_xml(legacy.encode(), HOW), read_xml(candidate.encode(), HOW), policy_of(*rules), findings)
    return found(findings.conclude())


@pytest.mark.parametrize(
    ("legacy", "candidate"),
    [
        ("<a x='1' y='2'/>", '<a y="2" x="1"></a>'),
        ("<a>1 &lt; 2</a>", "<a><![CDATA[1 < 2]]></a>"),
        ("<a>&#233;</a>", "<a>é</a>"),
        ("<a><b>1</b><c/></a>", "<?xml version='1.0'?>\n<a>\n  <b>1</b>\n  <c></c>\n</a>\n"),
        ("<a><!-- x --><b/></a>", "<a><b/><?target x?></a>"),
        ("<p:a xmlns:p='urn:x'><p:b/></p:a>", "<a xmlns='urn:x'><b/></a>"),
        ("<a><b xml:lang='fr'/></a>", '<a><b xml:lang="fr"/></a>'),
        ("<a>x<b/>y</a>", "<a>x<b></b>y</a>"),
    ],
)
def test_what_is_the_same(legacy: str, candidate: str) -> None:
    assert kinds(legacy, candidate) == kinds(candidate, legacy) == []


@pytest.mark.parametrize(
    ("legacy", "candidate", "expected"),
    [
        ("<a>1</a>", "<a>2</a>", [("$.a", "value")]),
        ("<a>1</a>", "<a> 1</a>", [("$.a", "value")]),
        ("<a> </a>", "<a/>", [("$.a", "value")]),
        ("<a><b/>\u00a0</a>", "<a><b/></a>", [("$.a['#text']", "missing")]),
        (
            "<a xml:space='preserve'><c> <b/></c></a>",
            "<a xml:space='preserve'><c><b/></c></a>",
            [("$.a.c['#text']", "missing")],
        ),
        ("<a>1</a>", "<b>1</b>", [("$.a", "missing"), ("$.b", "added")]),
        ("<a x='1'/>", "<a x='2'/>", [("$.a['@x']", "value")]),
        ("<a>1</a>", "<a x='1'>1</a>", [("$.a['@x']", "added")]),
        ("<a x='1'>1</a>", "<a x='1'>2</a>", [("$.a['#text']", "value")]),
        ("<a><b/></a>", "<a><b/><b/></a>", [("$.a.b", "length")]),
        ("<a><b>1</b><b>2</b></a>", "<a><b>1</b><b>3</b></a>", [("$.a.b[1]", "value")]),
        ("<a><b>1</b><b>2</b></a>", "<a><b>2</b><b>1</b></a>", [("$.a.b", "order")]),
        ("<a><b/><c/></a>", "<a><c/><b/></a>", [("$.a", "order")]),
        ("<r><a><b/><c/></a></r>", "<r><a><c/><b/></a><a/></r>", [("$.r.a[0]", "order"), ("$.r.a", "length")]),
        ("<a>x<b/>y</a>", "<a>x y<b/></a>", [("$.a['#text'][0]", "value"), ("$.a['#text']", "length")]),
        ("<a>x<b/></a>", "<a><b/>x</a>", [("$.a", "order")]),
        ("<a><b/></a>", "<a>x<b/></a>", [("$.a['#text']", "added")]),
        ("<a xmlns='urn:x'/>", "<a xmlns='urn:y'/>", [("$.a['@xmlns']", "value")]),
        ("<a><b/></a>", "<a><b xmlns='urn:y'/></a>", [("$.a.b['@xmlns']", "added")]),
    ],
)
def test_what_differs(legacy: str, candidate: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(legacy, candidate)[: len(expected)] == expected


def test_rules_hold() -> None:
    assert kinds("<a><b/><c/></a>", "<a><c/><b/></a>", IgnoreRule("$.a")) == []
    findings = Findings()
    policy = policy_of(UnorderedRule("$.a"))
    compare_xml(read_xml(b"<a><b/><c/></a>", HOW), read_xml(b"<a><c/><b/></a>", HOW), policy, findings)
    assert [each.rule for each in findings.conclude().differences] == ["Unordered $.a"]


def test_a_charset_is_honoured() -> None:
    assert read_xml(b"<a>\xe9</a>", Reading("", "iso-8859-1", ())).value == {"a": "é"}
    assert read_xml(b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>", HOW).value == {"a": "é"}


@pytest.mark.parametrize(
    "body", [b"", b"<a>", b"<a></b>", b"<a/><b/>", b"<a>\xff</a>", b"<a>&nbsp;</a>", b"a", b"<a\x00/>"]
)
def test_what_is_not_well_formed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_xml(body, HOW)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "entities"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "entities"),
        (b"<a>" * 100_000 + b"</a>" * 100_000, "nested more than 200"),
        (b"<r>" + b"<a/>" * 1000 + b"</r>", "more than 1000 elements"),
    ],
    ids=["entities", "external", "deep", "wide"],
)
def test_what_is_not_read(body: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comparators.xml.MAX_PARTS", 1000)
    with pytest.raises(Unreadable, match=reason):
        read_xml(body, HOW)


def test_an_external_document_type_is_not_fetched() -> None:
    assert read_xml(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a>1</a>', HOW).value == {"a": "1"}


def test_a_long_text_in_many_lines_is_read_in_time() -> None:
    begun = time.process_time()
    assert len(str(read_xml(b"<a>" + b"a line of text\n" * 500_000 + b"</a>", HOW).value["a"])) == 7_500_000
    assert time.process_time() - begun < 5


def test_elements_whose_order_does_not_count_have_fields_in_any_number_and_order() -> None:
    one, two, three = "<t><i>1</i><f>a</f></t>", "<t><f>b</f><i>2</i></t>", "<t><i>3</i><f>c</f><f x='1'>d</f></t>"
    rule = UnorderedRule("$.d.t", "i")
    legacy, candidate = f"<d>{one}{two}{three}</d>", f"<d>{three}{one}{two}</d>"
    assert kinds(legacy, candidate, rule) == kinds(legacy, candidate, UnorderedRule("$.d.t")) == [("$.d.t", "order")]
    turned = "<t><f>a</f><i>1</i></t>"
    assert kinds(legacy, f"<d>{three}{two}{turned}</d>", rule) == [("$.d.t", "order"), ("$.d.t[0]", "order")]
    assert kinds(f"<d>{one}{two}</d>", f"<d>{turned}{two}</d>") == [("$.d.t[0]", "order")]


def test_a_severity_holds_for_the_order_of_children() -> None:
    findings = Findings()
    legacy, candidate = read_xml(b"<a><b/><c/></a>", HOW), read_xml(b"<a><c/><b/></a>", HOW)
    compare_xml(legacy, candidate, policy_of(SeverityRule("$.a", Severity.INFO)), findings)
    assert [difference.severity for difference in findings.conclude().differences] == [Severity.INFO]
