from dataclasses import replace

import yaml

from proxy.cli.rules_text import yaml_text
from proxy.evidence.noise import Judgement
from proxy.store.answers import Noise, NoiseSeen
from tests.cli.reports import EVIL, cause

SEEN = NoiseSeen(Judgement.NOISE, 60, 0, 0, 60)


def test_hostile_values_stay_in_comments_and_quotes() -> None:
    noise = Noise(replace(cause(f"$['{EVIL}']"), noise=SEEN), ((EVIL, EVIL),))
    text = yaml_text(EVIL, [noise])
    [rule] = yaml.safe_load(text)
    assert rule == {"path": f"$['{EVIL}']", "type": "Ignore"}
    assert [line for line in text.splitlines() if not line.startswith(("#", "- "))] == []
    assert "\x1b" not in text


def test_what_no_rule_can_say_is_a_comment() -> None:
    text = yaml_text("r", [Noise(replace(cause("header:date"), noise=SEEN), ())])
    assert "leave date out of headers.include" in text
    assert yaml.safe_load(text) is None
