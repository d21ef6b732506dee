"""What is wrong with a match beyond its schema."""

import pytest

from tests.config.documents import document, messages, route


@pytest.mark.parametrize(
    ("match", "path", "message"),
    [
        ("path: {type: Exact, value: a}", "path.value", "a path starts with /"),
        ("path: {value: /a//b}", "path.value", "several ways"),
        ("path: {type: RegularExpression, value: '/('}", "path.value", "not a RE2 expression: missing )"),
        ("headers: [{name: a, type: RegularExpression, value: '['}]", "headers[0].value", "not a RE2 expression"),
        ("query: [{name: a, type: RegularExpression, value: '['}]", "query[0].value", "not a RE2 expression"),
        ("cookies: [{name: a, type: RegularExpression, value: '['}]", "cookies[0].value", "not a RE2 expression"),
        ("claims: [{name: a, type: RegularExpression, value: '['}]", "claims[0].value", "not a RE2 expression"),
        ("headers: [{name: a}]", "headers[0].value", "required; or say type: Present"),
        ("claims: [{name: a, type: RegularExpression}]", "claims[0].value", "required"),
        ("cookies: [{name: a, type: Present, value: x}]", "cookies[0].value", "type Present takes no value"),
        ("query: [{name: a, type: Absent, value: x}]", "query[0].value", "type Absent takes no value"),
        ("headers: [{name: X, value: a}, {name: x, value: b}]", "headers", "matched twice"),
        ("during: {from: '24:00'}", "during.from", 'the start of a day is "00:00"'),
        ("during: {from: '08:00', to: '08:00'}", "during.to", "leave both out"),
        ("during: {zone: Europe/Pariss}", "during.zone", 'did you mean "Europe/Paris"?'),
        ("during: {zone: ../etc/passwd}", "during.zone", "knows no time zone"),
        ("body: {path: '$.a[', in: [b]}", "body.path", "at character 4"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(match: str, path: str, message: str) -> None:
    found = messages(document(route("a", f"matches: [{{}}, {{{match}}}]")))
    said = found.pop(f"spec.routes[0].matches[1].{path}")
    assert message in said
    assert all("24:00" in match for _ in found)  # from 24:00 is also the end


@pytest.mark.parametrize(
    "match",
    [
        "host: api.example",
        "host: ['*.example', 'API.example', '[::1]']",
        "headers: [{name: a, type: Present}, {name: b, type: Absent}, {name: c, value: ''}]",
        "claims: [{name: act.sub, value: x}], cookies: [{name: beta, type: Present}]",
        "during: {from: '22:00', to: '06:00', days: [Fri, Sat], zone: Europe/Paris}",
        "during: {days: [Sun]}",
        "during: {from: 09:30, to: 24:00}",
        "body: {path: $.country, in: [FR, 33]}",
    ],
)
def test_what_is_right_is_not(match: str) -> None:
    assert messages(document(route("a", f"matches: [{{}}, {{{match}}}]"))) == {}
