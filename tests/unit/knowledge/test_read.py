"""How knowledge files become passages, and what is refused."""

import pytest

from shared.domain.errors import Malformed
from shared.knowledge import read
from shared.knowledge.read import read_file, read_files


def test_markdown_is_cut_at_headings_and_keeps_the_way_to_them():
    """Each section is a passage that begins with the headings above it, and its source names them."""
    passages = read_file(
        "faq.md", b"Intro\n# Shop\n## Refunds\nIn 7 days.\n### Cash\nAt the till.\n## Hours\n9-5"
    )

    assert [(p.source, p.text) for p in passages] == [
        ("faq.md", "Intro"),
        ("faq.md > Shop > Refunds", "Shop > Refunds\nIn 7 days."),
        ("faq.md > Shop > Refunds > Cash", "Shop > Refunds > Cash\nAt the till."),
        ("faq.md > Shop > Hours", "Shop > Hours\n9-5"),
    ]


def test_a_number_sign_inside_a_fence_or_a_word_is_no_heading():
    """Code fences and hashtags stay text."""
    (passage,) = read_file("a.md", b"# T\n```\n# not a heading\n```\n#hashtag")

    assert passage.text == "T\n```\n# not a heading\n```\n#hashtag"


def test_a_skipped_heading_level_is_no_trouble():
    """A third-level heading under a first-level one keeps both."""
    assert read_file("a.md", b"# A\n### C\nx")[0].source == "a.md > A > C"


def test_plain_text_is_cut_at_empty_lines():
    """Each paragraph is a passage, numbered in the source."""
    assert [(p.text, p.source) for p in read_file("a.txt", b"one\nline\n\n\ntwo\r\n")] == [
        ("one\nline", "a.txt paragraph 1"),
        ("two", "a.txt paragraph 2"),
    ]


def test_long_text_is_cut_between_sentences():
    """No passage is longer than the limit, and none of the words is lost."""
    text = "A sentence of some words. " * 200
    passages = read_file("a.txt", text.encode())

    assert all(len(p.text) <= read.LONGEST and p.text.endswith(".") for p in passages)
    assert " ".join(p.text for p in passages) == text.strip()


def test_text_without_any_break_is_cut_all_the_same():
    """An unbroken run of letters is cut at the limit."""
    passages = read_file("a.txt", b"x" * 3000)

    assert [len(p.text) for p in passages] == [1200, 1200, 600]


def test_csv_rows_carry_their_columns():
    """Each row is a passage that names its columns; empty cells and empty rows are left out."""
    passages = read_file("p.csv", '\ufeffitem,price\n"Tea, hot",20\n,\nCoffee,\n'.encode())

    assert [(p.text, p.source, dict(p.fields)) for p in passages] == [
        ("item: Tea, hot; price: 20", "p.csv row 2", {"item": "Tea, hot", "price": "20"}),
        ("item: Coffee", "p.csv row 4", {"item": "Coffee"}),
    ]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", b"%PDF", "a.pdf: knowledge files end in .md, "),
        ("a.txt", b"\xff\xfe", "a.txt: byte 0 is not UTF-8"),
        ("a.csv", b"item,item\n1,2", "a.csv line 1: every column needs a name of its own"),
        ("a.csv", b"item,\n1,2", "a.csv line 1: every column needs a name of its own"),
        ("a.csv", b"", "a.csv line 1"),
        ("a.csv", b"item,price\nTea,hot,20", "a.csv line 2: 3 cells under 2 columns"),
        ("a.csv", b'item,price\n"Tea" x,20', "a.csv line 2"),
        ("a.json", b"{", "a.json: not JSON that can be read"),
        ("a.json", b"[" * 100_000, "a.json: not JSON that can be read"),
        ("a.txt", b"x" * (read.MOST_BYTES + 1), "a.txt: 2,000,001 bytes, 2,000,000 is the most"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_change(name, content, told):
    """Refusals name the file, the line and the fix."""
    with pytest.raises(Malformed, match="(?i)" + told.replace(".", r"\.")):
        read_file(name, content)


def test_a_web_page_is_what_people_see_of_it():
    """Headings cut it as in Markdown; scripts, styles and tags are gone, entities are letters."""
    page = b"""<html><head><title>x</title><style>p{}</style></head><body><h1>Shop</h1><script>a()</script>
    <h2>Fees &amp; terms</h2><p>Tea
    costs</p><ul><li>20 &euro;</li><li>30</li></ul><table><tr><td>Cup</td><td>5</td></tr></table>"""

    assert [(p.source, p.text) for p in read_file("a.html", page)] == [
        (
            "a.html > Shop > Fees & terms",
            "Shop > Fees & terms\nTea costs\n- 20 €\n- 30\n; Cup ; 5",
        )
    ]


def test_json_items_and_maps_are_passages():
    """A list's items are rows with fields; a map's plain values stand together under its name."""
    menu = b'"menu": [{"dish": "Dosa", "price": 80, "note": null}], "tags": ["veg"]'
    text = b'{"shop": "Acme", "open": true, %s}' % menu

    assert [(p.text, p.source, dict(p.fields)) for p in read_file("m.json", text)] == [
        ("shop: Acme; open: True", "m.json", {"shop": "Acme", "open": "True"}),
        ("menu\ndish: Dosa; price: 80", "m.json > menu > 1", {"dish": "Dosa", "price": "80"}),
        ("tags\nveg", "m.json > tags > 1", {"": "veg"}),
    ]


def test_too_many_passages_are_refused():
    """A desk's knowledge is bounded, and the message says by how much it is too large."""
    rows = b"n\n" + b"\n".join(b"%d" % n for n in range(read.MOST_PASSAGES + 1))

    with pytest.raises(Malformed, match="10001 passages, 10000 is the most"):
        read_files({"a.csv": rows})
