"""The guard's fixed rules, in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.models.guard import LONGEST, MASK, check

KEY = "AIza" + "B" * 35


@pytest.mark.parametrize("text", ["Hello", "क्या आप खुले हैं? 👩‍👩‍👧", "Line one\n\tand two", "می‌خواهم", ""])
@pytest.mark.parametrize("direction", ["in", "out"])
def test_ordinary_words_pass_unchanged(text, direction):
    """What people write, in any script and with joined emoji, passes as it is."""
    verdict = check(text, direction=direction)
    assert (verdict.allowed, verdict.text, verdict.reasons) == (True, text, ())


@pytest.mark.parametrize(
    "secret",
    [
        KEY,
        "sk-ant-api03-abcdefghijklmnopqrst",
        "ghp_" + "a" * 36,
        "AKIAABCDEFGHIJKLMNOP",
        "EAA" + "x" * 60,
        "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.abcdefghijklmnop",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_a_secret_is_masked_both_ways(secret):
    """Something that looks like a key reaches neither a model nor a customer."""
    for direction in ("in", "out"):
        verdict = check(f"Use {secret} please", direction=direction)
        assert verdict.text == f"Use {MASK} please"
        assert verdict.reasons == ("secret",)


def test_letters_nobody_sees_are_dropped():
    """Hidden letters, turned writing and controls cannot smuggle words past a reader."""
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore")
    verdict = check(f"a{hidden}b\u202ec\u200bd\x00e\x1b[31m\ud800", direction="in")
    assert verdict.text == "abcde[31m"
    assert verdict.reasons == ("invisible characters",)


def test_a_text_of_nothing_else_is_not_allowed():
    """Where nothing is left after cleaning, there is nothing to read or say."""
    assert not check("\u200b\u202e", direction="in").allowed


def test_a_text_is_cut_at_its_limit():
    """A text longer than its direction's limit is cut, and the verdict says so."""
    verdict = check("x" * 20_000, direction="in")
    assert (len(verdict.text), verdict.reasons) == (LONGEST["in"], ("too long",))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("![pic](https://evil.example/?q=secret)", "pic"),
        ("See ![](http://evil.example/a.png) there", "See  there"),
        ("[our site](https://evil.example/x?d=1)", "our site"),
        ("[book](https://shop.example/book?id=7)", "[book](https://shop.example/book?id=7)"),
        ("[book](https://www.shop.example/b)", "[book](https://www.shop.example/b)"),
        ("[book](https://shop.example@evil.example/b)", "book"),
        ("[book](https://notshop.example/b)", "book"),
        ("[odd](http://[::1)", "odd"),
        ("Go to https://evil.example/a?d=secret#x now", "Go to https://evil.example/a now"),
        ("Go to https://user:pw@evil.example/a", "Go to https://evil.example/a"),
        ("Go to https://shop.example/a?d=1", "Go to https://shop.example/a?d=1"),
    ],
)
def test_out_nothing_carries_words_to_foreign_hosts(told, said):
    """Pictures go, links to hosts that are not the desk's lose the address or what could carry data."""
    assert check(told, direction="out", hosts=("shop.example",)).text == said


def test_a_customers_own_links_stay():
    """A customer may send any link: the rules on links are for what goes out."""
    text = "Is this you? https://other.example/a?b=c ![x](http://y.example/z)"
    assert check(text, direction="in").text == text


@given(st.text(max_size=300), st.sampled_from(["in", "out"]))
def test_a_text_that_passed_passes_again_unchanged(text, direction):
    """The guard is settled after one pass: what it let through, it lets through as it is."""
    once = check(text, direction=direction)
    assert check(once.text, direction=direction).text == once.text
