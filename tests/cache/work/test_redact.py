"""Logs and output contain no secrets, and a secret does not show its text."""

from __future__ import annotations

import base64
import copy
import json
import pickle
import subprocess
import sys
import traceback
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.work.redact import MARK, Secret, scrub
from tests.support.examples import examples
from tests.support.paths import ROOT

TOKEN = "sk-ant-oat01-CANARY_-abc123"

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
tails = st.text(ALPHABET + "-_", min_size=16, max_size=120)
anthropic = st.builds("sk-ant-{}-{}".format, st.sampled_from(["oat01", "ort01", "api03", "admin01", "sid01"]), tails)
opaque = st.text(ALPHABET, min_size=16, max_size=80)
# Text around a secret: words, signs, quotes, brackets, line ends, and the names of keys in odd places.
around = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            [*"'\"{}[](),:;=/@?&#\\\n\r\t %", "\\n", "token", "tokens: 5", "cookie", "Bearer", "//", "eyJ"]
        ),
    ),
    max_size=6,
).map("".join)

NAMED = [
    '{{"{name}":"{secret}"}}',
    '{{"{name}": "{secret}", "tokens": 5}}',
    "{{'{name}': '{secret}'}}",
    '{{\\"{name}\\":\\"{secret}\\"}}',
    '{{\\\\\\"{name}\\\\\\": \\\\\\"{secret}\\\\\\"}}',
    "{{ {name}: '{secret}' }}",
    "[(b'{name}', b'{secret}')]",
    '["{name}", "{secret}"]',
    '{{"{name}": ["first", "{secret}"]}}',
    '{{"{name}":"{secret}',
    "{name}={secret}",
    "https://example.com/?{name}={secret}&x=1",
    "{name}: {secret}",
]
KEYS = ["accessToken", "refreshToken", "access_token", "refresh_token", "sessionKey", "apiKey", "clientSecret"]
KEYS += ["client_secret", "ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "id_token", "password"]
HEADERS = ["authorization", "x-api-key", "cookie", "set-cookie", "Authorization", "X-Api-Key", "Proxy-Authorization"]
LINES = [
    "{name}: {secret}",
    "{name}: Basic {secret}",
    "{name}: a=b; c={secret}; d",
    '{name}: a="b"; c="{secret}"',
    "curl -H '{name}: x {secret}' there",
    'curl -H "{name}: x={secret}" there',
]
WHOLE = [
    "Authorization: Bearer {secret}",
    "authorization=Bearer%20{secret}",
    "got Bearer {secret} there",
    "bearer   '{secret}'",
    "Bearer Bearer {secret}",
    "http://user:{secret}@proxy.example:3128/",
    "socks5://{secret}@[::1]:1080",
    "https://user:{secret}/x@proxy.example",
    "user:{secret}@proxy.example:8080",
    "<{secret}@example.com>",
    "mailto:{secret}@example.com",
    "?mail={secret}%40example.com",
    " eyJ{secret}.{secret}.{secret}",
    "xeyJ{secret}.{secret}",
]


@examples(300)
@given(before=around, secret=anthropic, after=around)
def test_an_anthropic_token_never_survives_wherever_it_is(before: str, secret: str, after: str) -> None:
    assert secret not in scrub(before + secret + after)


@examples(600)
@given(before=around, shape=st.sampled_from(NAMED), name=st.sampled_from(KEYS + HEADERS), secret=opaque, after=around)
def test_the_value_of_a_secret_key_never_survives(before: str, shape: str, name: str, secret: str, after: str) -> None:
    assert secret not in scrub(before + shape.format(name=name, secret=secret) + after)


@examples(300)
@given(before=around, shape=st.sampled_from(LINES), name=st.sampled_from(HEADERS), secret=opaque, after=around)
def test_the_value_of_a_header_never_survives(before: str, shape: str, name: str, secret: str, after: str) -> None:
    assert secret not in scrub(before + "\n" + shape.format(name=name, secret=secret) + after)


@examples(300)
@given(before=around, shape=st.sampled_from(WHOLE), secret=opaque, after=around)
def test_bearers_addresses_and_web_tokens_never_survive(before: str, shape: str, secret: str, after: str) -> None:
    assert secret not in scrub(before + " " + shape.format(secret=secret) + after)


@examples(300)
@given(before=around, head=st.binary(max_size=9), secret=anthropic, tail=st.binary(max_size=9), after=around)
def test_no_encoding_of_a_token_survives(before: str, head: bytes, secret: str, tail: bytes, after: str) -> None:
    """In hex (either case) and in base64 (plain and URL-safe), at whatever place in the encoded bytes."""
    whole, own = head + secret.encode() + tail, secret.encode()
    upper = own.hex().upper()
    assert own.hex() not in scrub(before + whole.hex() + after)
    assert upper not in scrub(before + whole.hex().upper() + after)
    for encode in base64.b64encode, base64.urlsafe_b64encode:
        scrubbed = scrub(before + encode(whole).decode() + after)
        for place in range(3):
            # The characters that depend on nothing but the token, for a token at this alignment.
            assert encode(bytes(place) + own).decode()[4:-8] not in scrubbed


@examples(300)
@given(st.text())
def test_any_text_can_be_scrubbed(text: str) -> None:
    assert isinstance(scrub(text), str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'{{"accessToken":"{TOKEN}","tokens":5}}', f'{{"accessToken":"{MARK}","tokens":5}}'),
        ('{"apiKey": "a1\\"b2", "tokenCount": 7}', f'{{"apiKey": "{MARK}", "tokenCount": 7}}'),
        ("authorization: Basic dTpw\r\naccept: */*", f"authorization: {MARK}\r\naccept: */*"),
        ("curl -H 'Cookie: a=\"b\"; c' https://h/p", f"curl -H 'Cookie: {MARK}' https://h/p"),
        ("401 for Bearer abc.def~ghi", f"401 for Bearer {MARK}"),
        ("via http://u:p@proxy.example:3128 failed", f"via http://{MARK}@proxy.example:3128 failed"),
        ("signed in as Ann.Other+x@mail.example, ok", f"signed in as {MARK}, ok"),
        (f"key {TOKEN}.", f"key {MARK}"),
        (f"hex {TOKEN.encode().hex()} end", f"hex {MARK} end"),
        ('"set-cookie": ["a=b", "c=d]"], "tokens": 3', f'"set-cookie": {MARK}, "tokens": 3'),
        ("sk%2Dant%2Doat01%2Dab sk\\u002dant\\u002doat01\\u002dab", f"{MARK} {MARK}"),
        ("got eyJhbGciOi.e30.x9 and keyJoin", f"got {MARK} and keyJoin"),
        ("access_token=abc&tokens=5", f"access_token={MARK}&tokens=5"),
    ],
)
def test_only_the_secret_goes(text: str, expected: str) -> None:
    assert scrub(text) == expected
    assert scrub(expected) == expected


@pytest.mark.parametrize("name", ["token:", "token=", "token:\\", "token:x-"])
def test_a_name_over_and_over_takes_no_longer_than_its_length(name: str) -> None:
    """The value of each name reaches to the end: scanning it for each name would take minutes."""
    assert scrub(f"see {name * 20_000}x there") == f"see {name[:6]}{MARK} there"


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"tokens": 5, "tokenCount": 7, "input_tokens": 3, "maxTokens":9}',
        "tokens: 84000, tokenCount=12, cache_read_input_tokens: 10",
        "GET http://127.0.0.1:8080/api/oauth/usage 429 retry-after: 0",
        "session 24%, weekly 83% at 2026-09-03T22:30:00.134085+00:00",
        "/home/ann/.claude/.credentials.json is 0600, no login",
        "npx @scope/name; sk-learn; monkeys; the bearer",
        '{"token_type":"Bearer"}',
        "736b2d616e74 and c2stYW50",
    ],
)
def test_text_without_secrets_stays(text: str) -> None:
    assert scrub(text) == text


def test_a_secret_shows_its_text_only_when_revealed() -> None:
    secret = Secret(TOKEN)
    assert secret.reveal() == TOKEN
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>60}", f"{secret:>40}", f"{[secret]}", "%s" % secret]  # noqa: UP031 - this way of formatting is one to hold shut
    assert all("CANARY" not in text and MARK in text for text in shown)
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize(
    "leak",
    [
        pickle.dumps,
        lambda secret: pickle.dumps(secret, 0),
        copy.copy,
        copy.deepcopy,
        list,
        iter,
        bytes,
        "".join,
        len,
        hash,
        json.dumps,
        msgspec.json.encode,
        lambda secret: secret + "",
        lambda secret: secret[0],
        lambda secret: "C" in secret,
        open,
    ],
)
def test_a_secret_is_neither_copied_nor_taken_apart(leak: Any) -> None:
    with pytest.raises(TypeError) as caught:
        leak(Secret(TOKEN))
    assert "CANARY" not in "".join(traceback.format_exception(caught.value))


def test_secrets_are_compared_by_their_text() -> None:
    assert Secret(TOKEN) == Secret(TOKEN)
    assert Secret(TOKEN) != Secret(TOKEN + "x")
    assert Secret("\ud800é") == Secret("\ud800é")
    assert Secret(TOKEN) != TOKEN


def test_a_traceback_with_locals_shows_nothing() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(f"refused with {secret}")

    with pytest.raises(ValueError, match="refused") as caught:
        fail(Secret(TOKEN))
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert f"secret = Secret({MARK})" in told
    assert "CANARY" not in told


LOOK = """
import ctypes, resource, sys
sys.path.insert(0, sys.argv[1])
from cache.work.redact import Secret
def state():
    return ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE)
print(state())
Secret("x")
print(state())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl exists on Linux only")
def test_a_secret_closes_the_memory_of_its_process() -> None:
    words = [sys.executable, "-I", "-c", LOOK, str(ROOT)]
    before, after = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert before.startswith("(1, "), "the test can fail"
    assert after == "(0, (0, 0))"
