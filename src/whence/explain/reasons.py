"""Reasons: what is written behind a line, and when a step is worth a line.

    why(block, operand) -> "tanh in terms of its output"

The rule of a slope is that of the operation that tells most; of a product that is
multiplied out, what cancels in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from whence.core.graph import Atom, Equation, Graph, Literal, Value
from whence.core.primitive import Differential, Partials, named
from whence.explain.blocks import Block
from whence.explain.derivation import Chain
from whence.simplify.rule import Step
from whence.simplify.search import denominators
from whence.simplify.term import (
    ONE,
    Factor,
    Term,
    add,
    mul,
    oriented,
    split,
    symbols_of,
)
from whence.transform.transpose import reached

MOST_REASONS = 3  # behind one line
# operations whose rules go without saying
PLAIN = frozenset({"add", "sub", "neg", "broadcast", "convert", "reshape", "positive"})


def why(part: Block, by: Value) -> str:
    """The rules of a block's slope, in words."""
    return listed(reasons(part, by))


def reasons(part: Block, by: Value) -> list[str]:
    """The rules of a block's slope: those of what stands between it and an operand."""
    moving = reached(Graph(part.operands, part.equations, (part.value,)), [by])
    between = [e for e in part.equations if any(x in moving for x in e.operands)]
    weights = [(e, lightness(e, moving)) for e in between]
    first = min(weight for _, weight in weights)
    telling = [reason(e, moving) for e, weight in weights if weight == first]
    return list(dict.fromkeys(filter(None, telling)))[-MOST_REASONS:]


def reason(equation: Equation, moving: Collection[Atom]) -> str:
    """The rule of an equation; that of a power is of its base or of its exponent."""
    rule = equation.primitive.because
    if equation.primitive.name != "power" or equation.operands[1] not in moving:
        return rule
    of_exponent = named("exp").because
    base_moves = equation.operands[0] in moving
    return listed([rule, of_exponent]) if base_moves else of_exponent


def lightness(equation: Equation, moving: Collection[Atom]) -> int:
    """How little a rule tells: functions tell most, sums and numbers least.

    A product or quotient of two things that both move tells as much as a function.
    """
    name, derivative = equation.primitive.name, equation.primitive.derivative
    by_number = name in {"div", "mul"} and any(
        isinstance(x, Literal) for x in equation.operands[-1:]
    )
    if name in PLAIN or by_number:
        return 2
    if name in {"div", "mul"} and all(x in moving for x in equation.operands):
        return 0
    return 0 if isinstance(derivative, (Partials, Differential)) else 1


def listed(rules: Iterable[str]) -> str:
    """The names of some rules, each once."""
    return ", ".join(dict.fromkeys(rules))


def merged(steps: Sequence[Step]) -> list[Step]:
    """Steps with runs of the same rule joined: one visible idea a line."""
    found: list[Step] = []
    for step in steps:
        if found and found[-1].rule == step.rule:
            last = found.pop()
            both = tuple(dict.fromkeys((*last.conditions, *step.conditions)))
            found.append(Step(step.rule, last.before, step.after, both))
        else:
            found.append(step)
    return found


def multiplied(chain: Chain) -> Term:
    """The products of a chain, multiplied and added."""
    return add(*(mul(ONE, *product) for product in chain.products))


def changes(chain: Chain, after: Term) -> bool:
    """Whether multiplying a chain out is more than writing its factors side by side."""
    if len(chain.products) > 1:
        return True
    (product,) = chain.products
    factors = [f for x in product for f in split(x)[1] if x != ONE]
    numbers = [split(x)[0] for x in product if abs(split(x)[0]) != 1]
    return len(numbers) > 1 or unsigned(factors) != unsigned(split(after)[1])


def unsigned(factors: Iterable[Factor]) -> list[str]:
    """Factors as texts to compare, (y − x) and (x − y) the same."""
    return sorted(f"{oriented(base, e)[1]!r}**{e}" for base, e in factors)


def cancelled_terms(chain: Chain, after: Term) -> tuple[Term, ...]:
    """The denominators of a chain's factors that its product no longer has."""
    before = {d for p in chain.products for f in p for d in denominators(f)}
    gone = before - denominators(after)
    return tuple(sorted((x for x in gone if symbols_of(x)), key=lambda x: x.text))


def cancelling(rule: str) -> str:
    """The name of a step in which something cancels, to be followed by what does."""
    return "cancel" if rule == "multiply" else f"{rule}, cancel"
