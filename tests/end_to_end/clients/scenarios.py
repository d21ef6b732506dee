"""What every client is asked to do, as data; each target is one that the origin knows.

Law of this file: nothing here knows of a proxy. What a client changes on its own way (fetch joins repeated fields, a
URL parser takes dot segments away) is its business: it does so directly as well.
"""

from tests.end_to_end.clients.task import Part, Scenario, Step

METHODS = (
    *("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "COPY", "LOCK", "MKCOL", "MOVE", "PROPFIND"),
    *("PROPPATCH", "SEARCH", "UNLOCK", "BIND", "REBIND", "UNBIND", "ACL", "REPORT", "MKACTIVITY", "CHECKOUT", "MERGE"),
    *("M-SEARCH", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "PURGE", "MKCALENDAR", "LINK", "UNLINK"),
)
TARGETS = (
    "/echo/%2F%2e%2E%5c/a%20b",
    "/echo?x=%zz&y=%C3%A9&&=;&z",
    "/echo//double///slash//",
    "/echo/a/./b/../c/%2e/%2E%2e/d",
    "/echo/%E2%82%AC/~%7E/%41%61",
    "/echo;p=1,2/a=b&c:d@e!$'()*+",
    "/echo?",
    "/echo??a?b",
    "/echo?q=a+b%20c%2B&q=2&q[]=3&q[x]=4",
    "/echo/{a}|b",
    "/echo/%00%0d%0a%ff",
    "//echo//x",
    "/echo/" + "long" * 1500,
)
REQUEST_FIELDS = (
    *(("X-Dup", "1"), ("X-MiXeD-CaSe", "a"), ("X-Dup", "2"), ("Cookie", "a=1; b=%20; c"), ("X-Empty", "")),
    *(("Authorization", "Basic dTpw"), ("X-Latin", "caf\xe9"), ("X-Inner", "a\tb  c"), ("Traceparent", "00-1-2-01")),
    *(("X_Under_Score", "1"), ("Cache-Control", "no-cache"), ("X-Long", "v" * 6000)),
)
FORM = (
    Part("text", None, "plain text & more=less"),
    Part("file", "a b%22.bin", bytes(range(256)).decode("latin-1") + "\r\n--not-it\r\n"),
)
ELSEWHERE = "https%3A%2F%2Felsewhere.example%3A8443%2Fa%252Fb%3Fc%3D%25zz%23d"
TYPE = (("Content-Type", "text/plain"),)


def _one(name: str, step: Step, status: int = 200, *without: str) -> Scenario:
    return Scenario(name, (step,), (status,), without)


def _methods() -> list[Scenario]:
    with_body = {"POST", "PUT", "PATCH", "DELETE", "PROPFIND", "REPORT", "SEARCH"}
    steps = [Step("/echo/m", each, TYPE, "payload" if each in with_body else None) for each in METHODS]
    return [
        *(_one(f"method {step.method}", step) for step in steps),
        _one("DELETE without a body", Step("/echo/m", "DELETE")),
        _one("POST of nothing", Step("/echo/m", "POST", TYPE, "")),
        _one("GET with a body", Step("/echo/m", "GET", TYPE, "payload"), 200, "fetch"),
    ]


def _bodies() -> list[Scenario]:
    long = "0123456789" * 4000
    return [
        _one("chunked upload", Step("/echo/up", "POST", TYPE, "sent piece by piece, length unknown", chunked=True)),
        _one("100-continue", Step("/echo/up", "POST", (*TYPE, ("Expect", "100-continue")), long), 200, "fetch"),
        _one("multipart", Step("/echo/form", "POST", parts=FORM)),
        *(_one(f"coding {each}", Step(f"/coding/{each}")) for each in ("identity", "gzip", "deflate", "br", "zstd")),
        *(_one(f"decoded {each}", Step(f"/coding/{each}", decode=True)) for each in ("gzip", "deflate", "br")),
        _one("decoded zstd", Step("/coding/zstd", decode=True), 200, "aiohttp"),  # it needs Python 3.14 for it
        _one("HEAD of a coding", Step("/coding/gzip", "HEAD")),
        _one("chunked answer", Step("/chunked")),
        _one("answer that the end ends", Step("/until-close")),
        _one("a megabyte", Step("/bytes/1000001")),
        _one("a megabyte, chunked", Step("/stream/1000001")),
        _one("server-sent events", Step("/events/NAME", events="NAME")),
    ]


def _answers() -> list[Scenario]:
    return [
        _one("odd fields", Step("/fixed")),
        _one("HEAD", Step("/fixed", "HEAD")),
        _one("early hints", Step("/early"), 200, "requests"),  # http.client takes any 1xx but 100 for the answer
        _one("empty reason", Step("/status/200?reason=")),
        _one("long reason", Step("/status/299?reason=An%20Odd%20(Reason):%20caf%E9"), 299),
        *(_one(f"status {each}", Step(f"/status/{each}?reason=R"), each) for each in (201, 202, 203, 204, 205, 304)),
        *(_one(f"status {each}", Step(f"/status/{each}?reason=R"), each) for each in (300, 400, 402, 404, 409, 418)),
        *(_one(f"status {each}", Step(f"/status/{each}?reason=R"), each) for each in (429, 451, 500, 503, 511, 599)),
    ]


def _ranges() -> list[Scenario]:
    wanted = {"0-9": 206, "990-": 206, "-10": 206, "0-0,500-509": 206, "5000-": 416}
    return [
        _one(f"range {each}", Step("/range", headers=(("Range", f"bytes={each}"),)), wanted[each]) for each in wanted
    ]


def _redirects() -> list[Scenario]:
    here = "%2Fecho%2Flanded%3Fx%3D%252F"
    return [
        *(
            _one(f"redirect {each}", Step(f"/redirect/{each}?to={ELSEWHERE}"), each)
            for each in (301, 302, 303, 307, 308)
        ),
        _one("relative redirect", Step("/redirect/302?to=..%2F.%2Fx%2520y"), 302),
        _one("followed", Step(f"/redirect/302?to={here}", follow=True)),
        _one("followed with the body", Step(f"/redirect/307?to={here}", "POST", TYPE, "again", follow=True)),
        _one("followed without it", Step(f"/redirect/303?to={here}", "POST", TYPE, "once", follow=True)),
    ]


def _sessions() -> list[Scenario]:
    kept = (
        *(Step("/fixed"), Step("/echo/k", "POST", TYPE, "1"), Step("/chunked"), Step("/status/404?reason=No")),
        *(Step("/echo/k", "PUT", TYPE, "2", chunked=True), Step("/status/204?reason=None"), Step("/bytes/200000")),
    )
    jar = (Step("/cookies"), Step("/echo/with-both"), Step("/other"))
    return [
        Scenario("kept alive", kept, (200, 200, 200, 404, 200, 204, 200)),
        Scenario("cookies", jar, (200, 200, 200)),
    ]


SCENARIOS: tuple[Scenario, ...] = (
    *_methods(),
    *(_one(f"target {each[:40]}", Step(each)) for each in TARGETS),
    _one("request fields", Step("/echo/fields", headers=REQUEST_FIELDS)),
    *_bodies(),
    *_answers(),
    *_ranges(),
    *_redirects(),
    *_sessions(),
)
