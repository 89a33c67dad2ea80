"""HTML: one file that is valid, needs nothing else, and leaves nothing unescaped."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import groupby
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import whence

VOID = {"meta", "br", "link", "hr", "img", "input"}
INLINE = {"span", "strong", "em", "code", "a"}


class Page(HTMLParser):
    """Reads a page strictly: every element is closed, in a place it may be."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        if tag == "li":
            assert self.open[-1] in ("ol", "ul")
        if tag in ("h1", "h2", "p", "ol", "table", "details", "pre", "dl"):
            assert not INLINE & set(self.open), f"<{tag}> inside {self.open}"
        if tag == "summary":
            assert self.open[-1] == "details"
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def logistic(w, b, X, y):
    z = X @ w + b
    y_hat = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))


def told(level="normal"):
    X = np.array([[1.0, 2.0], [-1.0, 0.5], [0.25, -0.75]])
    w, y = np.array([0.5, -0.5]), np.array([1.0, 0.0, 1.0])
    return whence.explain(logistic, w, 0.1, X, y, wrt=("w", "b"), level=level)


def kinked():
    return whence.explain("abs(x)*x + maximum(x, y)", x=1.0, y=1.0)


EVERY = {"arrays": told, "numbers": lambda: whence.explain("x**x", x=2.0), "k": kinked}
every = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)


@every
@pytest.mark.parametrize("level", ["brief", "normal", "full"])
def test_a_page_is_valid(make, level):
    html = replace(make(), level=level).html()
    assert html.startswith("<!DOCTYPE html>\n<html lang=")
    page = Page(html)
    tags = [tag for tag, _ in page.seen]
    assert tags[:4] == ["html", "head", "meta", "meta"]
    assert tags.count("title") == tags.count("body") == tags.count("h1") == 1


@every
def test_every_formula_is_well_formed(make):
    found = re.findall(r"<math.*?</math>", make().html(), re.DOTALL)
    assert found
    for formula in found:
        ET.fromstring(formula)


@every
def test_a_page_needs_nothing_but_itself(make):
    page = Page(make().html())
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.seen}
    for _, attributes in page.seen:
        assert not {"src", "href"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert "url(" not in make().html()


def test_light_and_dark_and_narrow_screens_are_thought_of():
    html = told().html()
    assert "prefers-color-scheme: dark" in html
    assert "@media (max-width" in html
    assert 'name="viewport"' in html
    assert not re.search(r"(?<!max-)width:\s*\d+px", html)


def test_what_the_user_names_is_escaped():
    def f(p):
        return p["<script>alert(1)</script>"] ** 2 * p["a&b"]

    html = whence.explain(f, {"<script>alert(1)</script>": 2.0, "a&b": 1.0}).html()
    assert "<script>" not in html
    Page(html)


def test_the_levels_hold_the_same_and_fold_it_differently():
    pages = {level: told(level).html() for level in ("brief", "normal", "full")}
    unfolded = {level: html.count("<details open>") for level, html in pages.items()}
    assert unfolded["brief"] == 0 < unfolded["normal"] < unfolded["full"]
    assert len({html.count("<li>") for html in pages.values()}) == 1


def test_a_page_has_all_parts():
    page = Page(told("full").html())
    for part in ("Symbols", "Names", "Chain rule", "Result", "Paths to", "Checks"):
        assert part in page.text
    assert r"\begin{align*}" in page.text
    assert "def gradient(w, b, X, y):" in page.text
    assert "cancel" in page.text


def test_a_notebook_gets_a_fragment_with_a_style_of_its_own():
    fragment = told()._repr_html_()
    assert "<html" not in fragment
    Page(fragment)
    style = re.search(r"<style>(.*?)</style>", fragment, re.DOTALL)[1]
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"@media[^{]*\{", "", style))
    assert selectors
    for selector in ",".join(selectors).split(","):
        assert selector.strip().startswith(".whence"), selector


def test_a_gradient_without_code_says_why():
    html = whence.explain("sqrt(x)", x=-2.0).html()
    Page(html)
    assert "def gradient" not in html
    assert "# the derivation stopped: " in html


def test_a_long_line_has_its_rule_below_and_no_part_of_it_is_hidden():
    lines = re.findall(r'<span class="right( long)?">(.*?)</span>', told().html())
    lengths = {
        long: [len(re.sub(r"<[^>]*>", "", x)) for _, x in group]
        for long, group in groupby(sorted(lines), key=lambda x: bool(x[0]))
    }
    assert max(lengths[False]) < max(lengths[True])


def test_an_equation_in_the_heading_is_not_broken():
    assert '<span class="together">b = 0.1</span></h1>' in told().html()
