r"""MathML Core from the LaTeX that the writer writes.

    mathml(r"\frac{1}{2}\,x") -> <math>…</math>, which browsers show by themselves

There is no second set of notations: what a record says in LaTeX is read by
``explain.formula`` and marked up here. Everything is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from whence.explain.formula import SPACES, Piece, read

LIMITS = {"∑", "∏", "max", "min"}  # what stands below them goes under, not aside


def mathml(latex: str) -> str:
    """A formula as a ``math`` element, its fractions in full size."""
    return f'<math displaystyle="true">{row(read(latex))}</math>'


def row(pieces: Sequence[Piece]) -> str:
    """Pieces side by side, what is in brackets in rows of its own."""
    rows: list[list[str]] = [[]]
    opened: list[int] = []
    for i, piece in enumerate(pieces):
        if piece.kind == "open":
            opened.append(i)
            rows.append([])
        elif closes(piece) and opened:
            start, inner = opened.pop(), "".join(rows.pop())
            grows = any(map(tall, pieces[start + 1 : i]))
            inner = fence(pieces[start].text, "prefix", grows=grows) + inner
            rows[-1].append(closed(inner, piece, grows=grows))
        else:
            prefix = piece.text == "−" and (
                i == 0 or pieces[i - 1].kind in ("operator", "open")
            )
            rows[-1].append(signed() if prefix else markup(piece))
            if applies(piece) and i + 1 < len(pieces):
                rows[-1].append("<mo>&#x2061;</mo>")
    for start, found in zip(opened, rows[1:], strict=True):  # left open
        found.insert(0, fence(pieces[start].text, "prefix", grows=True))
    return "".join(x for found in rows for x in found)


def tall(piece: Piece) -> bool:
    """Whether brackets have to grow to hold a piece."""
    if piece.kind in ("fraction", "cases") or piece.text in ("∑", "∏"):
        return True
    inner = piece.parts[:1] if piece.kind == "script" else piece.parts
    return any(tall(x) for part in inner for x in part)


def closes(piece: Piece) -> bool:
    """Whether a piece is a closing bracket, with scripts or without."""
    return piece.kind == "close" or (piece.kind == "script" and closes(base(piece)))


def closed(inner: str, piece: Piece, *, grows: bool) -> str:
    """What is in brackets, with the bracket that closes it and its scripts."""
    if piece.kind == "close":
        return f"<mrow>{inner}{fence(piece.text, 'postfix', grows=grows)}</mrow>"
    return scripted(closed(inner, base(piece), grows=grows), piece, under=False)


def applies(piece: Piece) -> bool:
    """Whether a piece is the name of a function, with scripts or without."""
    if piece.kind == "script":
        return applies(base(piece))
    return piece.kind == "word"


def base(piece: Piece) -> Piece:
    """What the scripts of a piece stand at."""
    return piece.parts[0][0]


def markup(piece: Piece) -> str:
    """One piece."""
    text = escape(piece.text)
    match piece.kind:
        case "letter" | "word":
            return f"<mi>{text}</mi>"
        case "number":
            return f"<mn>{text}</mn>"
        case "operator":
            return f"<mo>{text}</mo>"
        case "sign" if text == "…":
            return f"<mi>{text}</mi>"
        case "sign":
            return f'<mo stretchy="false">{text}</mo>' if text else ""
        case "space":
            return f'<mspace width="{SPACES[piece.text]}em"></mspace>'
        case "text":
            return f"<mtext>{text.replace(' ', '&#xa0;')}</mtext>"
        case "blank":
            return '<mtext class="blank">&#xa0;&#xa0;&#xa0;&#xa0;&#xa0;&#xa0;</mtext>'
        case "box":
            return together(piece.parts[0])
        case "mark":
            inner = together(piece.parts[0])
            return f'<mover accent="true">{inner}<mo>{text}</mo></mover>'
        case "script":
            under = base(piece).text in LIMITS
            return scripted(markup(base(piece)), piece, under=under)
    return structured(piece)


def structured(piece: Piece) -> str:
    """A fraction, a root, cases, or a bracket that stands alone."""
    match piece.kind:
        case "fraction":
            above, below = map(together, piece.parts)
            return f"<mfrac>{above}{below}</mfrac>"
        case "root":
            inner, degree = piece.parts
            if degree:
                return f"<mroot>{together(inner)}{together(degree)}</mroot>"
            return f"<msqrt>{row(inner)}</msqrt>"
        case "cases":
            return cases(piece)
    return fence(piece.text, "postfix", grows=True)


def cases(piece: Piece) -> str:
    """A table of cases, two cells in a row, behind a brace."""
    cells = [f'<mtd style="text-align:left">{row(x)}</mtd>' for x in piece.parts]
    pairs = [cells[i : i + 2] for i in range(0, len(cells), 2)]
    table = "".join(f"<mtr>{''.join(pair)}</mtr>" for pair in pairs)
    brace = fence("{", "prefix", grows=True)
    return f"<mrow>{brace}<mtable>{table}</mtable></mrow>"


def scripted(inner: str, piece: Piece, *, under: bool) -> str:
    """A base with its scripts."""
    _, below, above = piece.parts
    if below and above:
        return f"<msubsup>{inner}{together(below)}{together(above)}</msubsup>"
    if below:
        name = "munder" if under else "msub"
        return f"<{name}>{inner}{together(below)}</{name}>"
    return f"<msup>{inner}{together(above)}</msup>"


def together(pieces: Sequence[Piece]) -> str:
    """Pieces as one element."""
    inner = row(pieces)
    whole = len(pieces) == 1 and pieces[0].kind not in ("open", "close", "box")
    return inner if whole else f"<mrow>{inner}</mrow>"


def fence(text: str, form: str, *, grows: bool) -> str:
    """A bracket, as tall as what it holds if need be; nothing for one left out."""
    if not text:
        return ""
    stretchy = "true" if grows else "false"
    return f'<mo fence="true" form="{form}" stretchy="{stretchy}">{escape(text)}</mo>'


def signed() -> str:
    """A minus that is a sign and no operator."""
    return '<mo form="prefix">−</mo>'
