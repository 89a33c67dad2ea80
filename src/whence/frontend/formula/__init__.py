"""Formulas: text in the language of mathematics, read by our own grammar.

    parse(text) -> Formula, a function of its names

Each file is one step: ``words`` finds the words, ``slips`` the typing slips,
``grammar`` reads statements, ``expressions`` says what may stand in one, ``vocabulary``
knows the functions, ``interpret`` evaluates, and ``program`` is the function that comes
of it. What they refuse is read once more as ``hand`` writes: x² sin x. An ``error``
always shows the character. Text is never run as code.
"""

from whence.frontend.formula.error import FormulaError
from whence.frontend.formula.program import Formula
from whence.frontend.formula.reading import parse

__all__ = ["Formula", "FormulaError", "parse"]
