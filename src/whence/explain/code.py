"""A derivation's result as NumPy code that runs with NumPy alone.

    code(story) -> the source of a function that returns the gradients

The function computes the named intermediates in the program's order, stable forms where
they were recognised, then each derivative by its closed form.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from whence.core.errors import DerivativeError
from whence.core.graph import Value
from whence.core.size import Size, Sized
from whence.explain.aswritten import as_written
from whence.explain.derivation import Named, Story, Written
from whence.explain.dialect import CODE
from whence.explain.program import program
from whence.explain.speaker import Speaker
from whence.explain.writer import lengths
from whence.simplify.cotangent import cotangent_of
from whence.simplify.search import places
from whence.simplify.term import (
    EULER,
    App,
    Prod,
    Symbol,
    Term,
    children,
    is_applied,
    symbols_of,
)


@dataclass(frozen=True)
class Outcome:
    """What code returns: one derivative, or the matrix that it applies to a direction.

    Attributes:
        name: What it is called.
        form: Its closed form.
        shape: Its shape.
        where: The names that the form uses beyond the user's, with what they are.
    """

    name: str
    form: Term
    shape: tuple[int, ...]
    where: tuple[tuple[Symbol, Term], ...] = ()


def outcomes(story: Story, *, running: bool = False) -> list[Outcome]:
    """What the code of a derivation returns.

    Args:
        story: The derivation.
        running: Whether in the forms that run, where they are others.
    """
    found = []
    for result in story.results:
        matrix, name = story.curvature(result), name_of(story, result.by)
        if matrix is not None:
            found.append(Outcome(name, matrix.form, matrix.number.shape))
            continue
        if story.higher and story.higher.along:
            name = f"{name}_{story.names[story.higher.along]}"
        form, where = result.form, result.where
        if running:
            form = form if result.runs is None else result.runs
            where = tuple((s, story.stable.get(s, t)) for s, t in where)
        found.append(Outcome(name, form, result.by.aval.shape, where))
    return found


def name_of(story: Story, by: Value) -> str:
    """What code calls a derivative: df_dx, d2f_dx2, d2f_dxdy."""
    if story.higher is None:
        return f"d{story.title}_d{story.names[by]}"
    counts = Counter(story.names[x] for x in (*story.higher.by, by))
    below = "".join(f"d{name}{n if n > 1 else ''}" for name, n in counts.items())
    return f"d{story.order}{story.higher.of}_{below}"


def one_liner(story: Story) -> dict[str, str]:
    """The closed form of each derivative as a NumPy expression."""
    speaker = Speaker(story, CODE)
    forms = {r.by: story.curvature(r) or r for r in story.results}
    return {
        story.names[x]: speaker.writer.write(form.explicit) for x, form in forms.items()
    }


def code(*stories: Story, guarded: bool = False) -> str:
    """A function of the program's inputs that returns each derivative.

    Args:
        stories: The derivations of a gradient, or of the rows of a Hessian.
        guarded: Whether numbers become NumPy's first, which divide by zero and overflow
            as arrays do, as they always do where a branch is chosen; and whether norms
            are taken without squares, which may overflow.

    Returns:
        Python source that needs NumPy, with the functions that NumPy has not, as the
        sigmoid, at its head; SciPy only for erf, ndtr, gammaln and their like.
    """
    first, lines, helpers = stories[0], [], dict[str, None]()
    written_in = [n for n in first.captured if is_written_in(first, n)]
    returned = [x for story in stories for x in outcomes(story, running=True)]
    used = set().union(
        *(needed_symbols(outcomes(story, running=True)) for story in stories)
    )
    arguments = [
        n
        for n in first.point
        if n.isidentifier() and n not in written_in and not is_direction(first, n, used)
    ]
    lines = [f"    {n} = {array_code(first, n)}" for n in written_in]
    for story in stories:
        speaker = Speaker(story, CODE)
        lines = list(once([*lines, *body(story, speaker, guarded=guarded)]))
        helpers |= speaker.writer.helpers
    lines.append(f"    return {', '.join(x.name for x in returned)}")
    lines = [*size_lines(first, arguments, "\n".join(lines)), *lines]
    head = f"def {function_name(first)}({', '.join(arguments)}):"
    needed = dict.fromkeys(x.strip() for h in helpers for x in h.split("\n\n\n"))
    imports = ["import numpy as np", *(x for x in needed if x.startswith("import "))]
    others = [x for x in needed if not x.startswith("import ")]
    whole = ["\n".join(imports), *others, "\n".join([head, *lines])]
    source = "\n\n\n".join(whole) + "\n"
    return with_long_norms(source) if guarded else source


LENGTH = """def {name}(x, axis=None, keepdims=False):
    return np.hypot.reduce(x, axis=axis, keepdims=keepdims)"""


def with_long_norms(source: str) -> str:
    """Code whose norms are taken without squares."""
    if "np.linalg.norm(" not in source:
        return source
    tries = ("length", *(f"length_{i}" for i in range(1, 100)))
    name = next(n for n in tries if not re.search(rf"\b{n}\b", source))
    imports, rest = source.split("\n\n\n", 1)
    called = rest.replace("np.linalg.norm(", f"{name}(")
    return "\n\n\n".join([imports, LENGTH.format(name=name), called])


def once(lines: Iterable[str]) -> Iterator[str]:
    """Lines of code without those that say again what a name holds already."""
    held: dict[str, str] = {}
    for line in lines:
        found = ASSIGNED.fullmatch(line)
        if found is None:
            yield line
            continue
        indent, name, right = found.groups()
        if held.get(name) == right:
            continue
        uses = re.compile(rf"\b{name}\b")
        held = {n: r for n, r in held.items() if n != name and not uses.search(r)}
        if indent == INDENT and not uses.search(right):
            held[name] = right
        yield line


INDENT = "    "
ASSIGNED = re.compile(r"(\s+)(\w+) = (.*)")


def function_name(story: Story) -> str:
    """What the function is called that code defines."""
    if story.higher is None:
        return "gradient"
    return "hessian" if story.higher.along else "derivative"


def is_direction(story: Story, name: str, used: set[Symbol]) -> bool:
    """Whether a name is that of a direction, of which the code has no need."""
    along = story.higher.along if story.higher else None
    if along is None or story.names[along] != name:
        return False
    return story.values[along] not in used


def body(story: Story, speaker: Speaker, *, guarded: bool) -> list[str]:
    """The lines that compute what the code of a derivation returns."""
    found, lines = outcomes(story, running=True), []
    if story.running is not None and not story.for_all_sizes:
        names = [x.name for x in found]
        return quietly(program(story.running, story, speaker, names), story)
    needed = needed_symbols(found)
    for line in story.lines:
        if isinstance(line.subject, Named) and isinstance(line.form, Written):
            value = line.subject.value
            if needed_value(story, value, needed):
                right = as_written(line.form.block, speaker.writer, story.symbol_of)
                lines.append(f"    {speaker.name(value)} = {right}")
    meanings = {s: t for x in found for s, t in x.where if is_cotangent(story, s)}
    for symbol, term in in_order(meanings):
        lines.append(f"    {speaker.label(symbol)} = {speaker.writer.write(term)}")
    for x in found:
        form = shaped(speaker.writer.write(x.form), x.shape, x.form)
        lines.append(f"    {x.name} = {form}")
    return quietly(lines, story) if guarded or is_open(story, found) else lines


def is_open(story: Story, found: Sequence[Outcome]) -> bool:
    """Whether code computes what has no value, to choose another branch."""
    forms = [t for x in found for t in (x.form, *(t for _, t in x.where))]
    forms += [x.form.block.term for x in story.lines if isinstance(x.form, Written)]
    choices = (y for x in forms for y in places(x) if is_applied(y, "select"))
    return any(can_fail(z) for y in choices for z in children(y)[1:])


def can_fail(x: Term) -> bool:
    """Whether there are numbers at which a term has no value: 1/x, √x, log x."""
    return any(
        any(isinstance(e, Term) or e < 0 or e % 1 for b, e in y.factors if b != EULER)
        if isinstance(y, Prod)
        else isinstance(y, App) and y.primitive.name in PARTIAL
        for y in places(x)
    )


PARTIAL = frozenset({"log", "log1p", "log2", "log10", "arcsin", "arccos", "arctanh"})


def quietly(lines: Sequence[str], story: Story) -> list[str]:
    """Lines with NumPy's numbers, and without a word where those have no value."""
    numbers = [
        name
        for v, name in story.names.items()
        if name in story.point and not v.aval.shape and v.aval.dtype.kind == "f"
    ]
    used = [n for n in numbers if re.search(rf"\b{n}\b", "\n".join(lines))]
    return [
        *(f"    {name} = np.float64({name})" for name in used),
        '    with np.errstate(all="ignore"):',
        *(f"    {line}" for line in lines),
    ]


LARGEST = 1_000  # entries; a larger captured array stays an argument


def is_written_in(story: Story, name: str) -> bool:
    """Whether a captured array is written into code: it counts, or is short."""
    return counts(story.point[name]) or np.size(story.point[name]) <= LARGEST


def counts(x: Any) -> bool:
    """Whether an array is 0, 1, 2 and so on."""
    return np.ndim(x) == 1 and np.array_equal(x, np.arange(len(x)))


def array_code(story: Story, name: str) -> str:
    """A captured array as code, for all sizes where its own have names.

    Raises:
        DerivativeError: If its entries depend on sizes in a way that is not known.
    """
    array = np.asarray(story.point[name])
    (value,) = (v for v, n in story.names.items() if n == name)
    shape = tuple(value.aval.shape)
    if not any(isinstance(n, Sized) for n in shape):
        return f"np.arange({len(array)})" if counts(array) else plain_array(array)
    if counts(array):
        return f"np.arange({shape[0]})"
    if array.ndim == 2 and np.array_equal(array, np.eye(*array.shape)):
        return f"np.eye({', '.join(map(str, dict.fromkeys(shape)))})"
    if array.size and (array == array.flat[0]).all():
        return f"np.full({shape}, {array.flat[0].item()!r})"
    raise DerivativeError(
        f"the program holds an array {name} of shape {shape}, made for each size anew",
        remedy="the array as an argument of the function",
    )


def plain_array(array: np.ndarray) -> str:
    """An array by its entries."""
    return f"np.array({array.tolist()!r})"


def size_lines(story: Story, arguments: Sequence[str], body: str) -> list[str]:
    """What the sizes that some code speaks of are: lengths of the arguments.

    Raises:
        DerivativeError: If one of them is the length of no argument.
    """
    found = []
    for name in story.sizes[0] if story.sizes else ():
        if not re.search(rf"\b{name}\b", body):
            continue
        places = [
            f"{argument}.shape[{i}]"
            for v, argument in story.names.items()
            if argument in arguments
            for i, n in enumerate(v.aval.shape)
            if isinstance(n, Size) and n.name == name
        ]
        if not places:
            raise DerivativeError(
                f"code needs {name}, which is the length of no argument",
                remedy=f"a number for {name} in shapes=",
            )
        found.append(f"    {name} = {places[0]}")
    return found


def in_order(meanings: dict[Symbol, Term]) -> list[tuple[Symbol, Term]]:
    """Names with what they stand for, each after those that it needs."""
    done: dict[Symbol, Term] = {}
    waiting = list(meanings)
    while waiting:
        now = waiting[-1]
        needed = [
            s for s in symbols_of(meanings[now]) if s in meanings and s not in done
        ]
        if now in done or not needed:
            done[waiting.pop()] = meanings[now]
        else:
            waiting.extend(sorted(needed, key=lambda s: s.text))
    return list(done.items())


def shaped(form: str, shape: tuple[int, ...], term: Term) -> str:
    """A form in its shape, where it has lost it."""
    if tuple(term.shape) == tuple(shape):
        return form
    return f"np.broadcast_to({form}, {lengths(shape)})"


def is_cotangent(story: Story, symbol: Symbol) -> bool:
    """Whether a symbol stands for a cotangent."""
    return symbol in story.symbols and cotangent_of(symbol) is not None


def needed_symbols(found: Iterable[Outcome]) -> set[Symbol]:
    """The symbols that some forms, and what they are written in, need."""
    terms = (t for x in found for t in (x.form, *(t for _, t in x.where)))
    return set().union(*map(symbols_of, terms))


def needed_value(story: Story, value: Value, needed: set[Symbol]) -> bool:
    """Whether a named value is needed, itself or by one that is."""
    symbol = story.values[value]
    if symbol in needed:
        return True
    for line in story.lines:
        if isinstance(line.subject, Named) and isinstance(line.form, Written):
            other = line.subject.value
            uses = other is not value and value in line.form.block.operands
            if uses and needed_value(story, other, needed):
                return True
    return False
