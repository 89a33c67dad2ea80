"""The catalogue: every rule that a derivation may name, with what it says and why.

    laws("is-sigmoid, cancel") -> (Law("is-sigmoid", "1/(1 + e^z) = sigmoid(−z)", …), …)

A law is made from the record it belongs to: an identity from its two terms, a partial
derivative from the rule of its operation, so that what is printed is what runs. Laws of
the search and of linear algebra are stated in ``explain.statements``. docs/rules.md
lists all, and the tests evaluate both sides of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from whence.core.aval import Aval
from whence.core.builder import Builder
from whence.core.graph import Atom, Origin
from whence.core.primitive import (
    PRIMITIVES,
    Constant,
    NoDerivative,
    Partials,
    Primitive,
)
from whence.core.source import Place
from whence.explain.dialect import CODE, LATEX, TEXT, Dialect
from whence.explain.law import Law
from whence.explain.motions import MOTIONS
from whence.explain.statements import ALGEBRA, PROOFS
from whence.explain.writer import Writer
from whence.simplify.read import Reader
from whence.simplify.rule import Rule
from whence.simplify.rules import IDENTITIES, RECOGNISE
from whence.simplify.term import App, Symbol, Term

LETTERS = "xzw"


@cache
def catalogue() -> tuple[Law, ...]:
    """Every law, by what it is for."""
    rules = [("recognition", r) for r in RECOGNISE]
    rules += [("identity", r) for r in IDENTITIES]
    told = [
        x for x in rules if x[1].before != x[1].after
    ]  # else the constructors do it
    return (
        *ALGEBRA,
        *(of_rule(group, r) for group, r in told),
        *(x for p in PRIMITIVES.values() if p.because for x in of_record(p)),
    )


def laws(rule: str) -> tuple[Law, ...]:
    """The laws that a line names, in the order of its words.

    Args:
        rule: What the line prints: one name, or several joined by commas.
    """
    known: dict[str, list[Law]] = {}
    for law in catalogue():
        known.setdefault(law.name, []).append(law)
    found: list[Law] = []
    words = rule.split(", ")
    while words:
        ways = (n for n in range(len(words), 0, -1) if ", ".join(words[:n]) in known)
        length = next(ways, 1)
        found += known.get(", ".join(words[:length]), [])
        words = words[length:]
    return tuple(dict.fromkeys(found))


# ------------------------------------------------------------------ from records


def of_rule(group: str, rule: Rule) -> Law:
    """The law that a rule of the search is."""

    def side(x: Term, dialect: Dialect) -> str:
        return Writer(dialect, lambda s: dialect.name(str(s.of))).write(x)

    text, latex = (
        f"{side(rule.before, d)} = {side(rule.after, d)}" for d in (TEXT, LATEX)
    )
    sides = side(rule.before, CODE), side(rule.after, CODE)
    proof = PROOFS.get(rule.name, rule.source)
    return Law(rule.name, group, text, latex, proof, rule.source, sides, kind=rule.kind)


def of_record(primitive: Primitive) -> Iterator[Law]:
    """The law of an operation's derivative."""
    name, source = primitive.because, primitive.source
    if primitive.name in MOTIONS:
        law = MOTIONS[primitive.name]
        yield replace(law, name=name, proof=law.proof or source, source=source)
    elif isinstance(primitive.derivative, Partials):
        text, latex = (partials(primitive, d) for d in (TEXT, LATEX))
        proof = PROOFS.get(name, source)
        yield Law(name, "calculus", text, latex, proof, source)
    else:
        assert isinstance(primitive.derivative, (Constant, NoDerivative)), (
            f"{primitive} says why it moves, but no statement says how"
        )


def partials(primitive: Primitive, dialect: Dialect) -> str:
    """An operation and its partial derivatives, as its record gives them."""
    operands, y, terms = partial_terms(primitive)
    symbols = {x: Symbol(x, order=f"{i}") for i, x in enumerate((*operands, y))}
    names = {symbols[x]: LETTERS[i] for i, x in enumerate(operands)}
    writer = Writer(dialect, lambda s: names.get(s, "y"))
    given = tuple(Aval(()) for _ in operands)
    params = tuple(sorted(params_of(primitive).items()))
    whole = App(primitive, tuple(symbols[x] for x in operands), params, (), given)
    said = [f"y = {writer.write(whole)}"]
    for x, term in zip(operands, terms, strict=True):
        if term is not None:
            letter = names[symbols[x]]
            slope = rf"\frac{{\partial y}}{{\partial {letter}}}"
            left = slope if dialect is LATEX else f"∂y/∂{letter}"
            said.append(f"{left} = {writer.write(term)}")
    return (r",\quad " if dialect is LATEX else ":  ").join(said[:2]) + "".join(
        f", {x}" for x in said[2:]
    )


def params_of(primitive: Primitive) -> dict[str, Any]:
    """The params with which an operation is shown."""
    return dict(primitive.examples[0].params) if primitive.examples else {}


def partial_terms(
    primitive: Primitive,
) -> tuple[list[Atom], Atom, list[Term | None]]:
    """The operands and the result of an operation, and its partials as terms."""
    assert isinstance(primitive.derivative, Partials), "it has partials"
    builder = Builder()
    inputs = [builder.input(Aval(()), f"x{i}") for i in range(len(primitive.domain))]
    result = builder.input(Aval(()), "y")
    with builder.because(Origin("statement", Place())):
        found = primitive.derivative.rule(result, *inputs, **params_of(primitive))
        values = [x() if callable(x) else x for x in found]
    operands = [x.atom for x in inputs]
    symbols = {
        x: Symbol(x, order=f"{i}") for i, x in enumerate((*operands, result.atom))
    }
    reader = Reader(builder.made, symbols.__contains__, symbols.__getitem__)
    terms = [None if x is None else reader.read(x.atom) for x in values]
    return operands, result.atom, terms
