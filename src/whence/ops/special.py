"""The functions of ``whence.special``: sigmoid, softplus, softmax, logsumexp, erf.

Each is one operation with a name of its own, computed so that it is finite wherever its
value is (``sigmoid(-1e4)``, ``logsumexp([1e4, 1e4])``), and differentiated in terms of
itself: the derivative of softplus is sigmoid, that of logsumexp is softmax.

SciPy is loaded when one of them is first computed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from math import inf, pi, sqrt
from typing import Any

import numpy as np

from whence.core.notation import LOOSE, PRODUCT, Call, Notation
from whence.core.primitive import (
    POSITIVE,
    PROBABILITY,
    REAL,
    Differential,
    Example,
    Kink,
    Partials,
    Primitive,
    define,
)
from whence.core.structure import Pointwise, Rows
from whence.core.tracer import Tracer
from whence.ops.comparison import greater, select
from whence.ops.elementwise import elementwise, exp, log as log_
from whence.ops.promote import alike, zeros_like
from whence.ops.reduction import (
    axes_of,
    floating,
    reduction,
    stretch,
    sum_,
)


def of_scipy(name: str) -> Callable[..., Any]:
    """A function of ``scipy.special``, loaded when it is first called."""

    def call(*arrays: Any, **options: Any) -> Any:
        return getattr(import_module("scipy.special"), name)(*arrays, **options)

    call.__name__ = name
    return call


def scipy_call(name: str, latex: str = "") -> Notation:
    """The notation of a function whose code is one of ``scipy.special``."""
    code = f"scipy.special.{name}"
    return Call(name, latex, code, helper="import scipy.special\n")


# What code needs that is to run with NumPy alone, finite wherever its value is.

SIGMOID = """\
def sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)
"""

SILU = f"""\
{SIGMOID}

def silu(x):
    return x * sigmoid(x)
"""

SOFTMAX = """\
def softmax(x, axis=None):
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)
"""

LOGSUMEXP = """\
def logsumexp(x, axis=None, keepdims=False):
    top = np.max(x, axis=axis, keepdims=True)
    total = np.sum(np.exp(x - top), axis=axis, keepdims=keepdims)
    return np.log(total) + (top if keepdims else np.squeeze(top, axis=axis))
"""

LOG_SOFTMAX = """\
def log_softmax(x, axis=None):
    below = x - np.max(x, axis=axis, keepdims=True)
    return below - np.log(np.sum(np.exp(below), axis=axis, keepdims=True))
"""

LOGIT = """\
def logit(x):
    return np.log(x) - np.log1p(-x)
"""

XLOGY = """\
def xlogy(x, y):
    return x * np.log(np.where(x == 0, 1, y))
"""

# ------------------------------------------------------------------ for networks

sigmoid = elementwise(
    name="sigmoid",
    reference=of_scipy("expit"),
    derivative=Partials(lambda y, x: (y * (1 - y),)),
    notation=Call("sigmoid", r"\sigma", "sigmoid", helper=SIGMOID),
    domain=(REAL,),
    source="DLMF 4.34, by σ(x) = (1 + tanh(x/2)) / 2",
    because="sigmoid in terms of its output",
    numpy=("special.sigmoid", "special.expit"),
)

softplus = elementwise(
    name="softplus",
    reference=lambda x: np.logaddexp(x, np.zeros_like(x)),
    derivative=Partials(lambda y, x: (sigmoid(x),)),
    notation=Notation(
        "softplus({0})",
        r"\operatorname{{softplus}}\left({0}\right)",
        "np.logaddexp({0}, 0)",
    ),
    domain=(REAL,),
    source="the chain rule on log(1 + e^x)",
    because="softplus: its slope is the sigmoid",
    numpy=("special.softplus",),
)

log_sigmoid = elementwise(
    name="log_sigmoid",
    reference=lambda x: -np.logaddexp(-x, np.zeros_like(x)),
    derivative=Partials(lambda y, x: (sigmoid(-x),)),
    notation=Notation(
        "log_sigmoid({0})", r"\log\sigma\left({0}\right)", "-np.logaddexp(-({0}), 0)"
    ),
    domain=(REAL,),
    source="the chain rule on −log(1 + e^−x)",
    because="log-sigmoid: its slope is the sigmoid of the opposite",
    numpy=("special.log_sigmoid", "special.log_expit"),
)

relu = elementwise(
    name="relu",
    reference=lambda x: np.maximum(x, np.zeros_like(x)),
    derivative=Differential(
        lambda y, x, x_dot: select(greater(x[0], 0), x_dot[0], zeros_like(y))
    ),
    notation=Notation(
        "relu({0})", r"\operatorname{{relu}}\left({0}\right)", "np.maximum({0}, 0)"
    ),
    domain=(POSITIVE,),
    source="by cases; 0 at 0 by convention",
    because="only what is positive moves",
    kink=Kink(lambda y, x: x == 0, "slopes 0 and 1", "0, as in every network library"),
    numpy=("special.relu",),
    floating=False,
)


def silu_slope(y: Tracer, x: Tracer) -> Tracer:
    """σ(x)·(1 + x − y), with y = x·σ(x)."""
    s = sigmoid(x)
    return s + y * (1 - s)


silu = elementwise(
    name="silu",
    reference=lambda x: x * sigmoid.reference(x),
    derivative=Partials(lambda y, x: (silu_slope(y, x),)),
    definition=lambda x: x * sigmoid(x),
    notation=Call("silu", code="silu", helper=SILU),
    domain=(REAL,),
    source="the product rule on x·σ(x)",
    because="product rule on x·σ(x)",
    numpy=("special.silu", "special.swish"),
)

ndtr = elementwise(
    name="ndtr",
    reference=of_scipy("ndtr"),
    derivative=Partials(lambda y, x: (exp(-0.5 * x * x) / sqrt(2 * pi),)),
    notation=scipy_call("ndtr", r"\Phi"),
    domain=(REAL,),
    source="DLMF 7.2(i): the density of a normal",
    because="its slope is the density of a normal",
    numpy=("special.ndtr",),
)

log_ndtr = elementwise(
    name="log_ndtr",
    reference=of_scipy("log_ndtr"),
    derivative=Partials(lambda y, x: (sqrt(2) / (sqrt(pi) * erfcx(-x / sqrt(2))),)),
    notation=scipy_call("log_ndtr", r"\log\Phi"),
    domain=(REAL,),
    source="DLMF 7.2(i) and the chain rule; both times e^(x²/2)",
    because="its slope is the density over the probability",
    numpy=("special.log_ndtr",),
)

gelu = elementwise(
    name="gelu",
    reference=lambda x: x * ndtr.reference(x),
    derivative=Partials(
        lambda y, x: (ndtr(x) + x * (exp(-0.5 * x * x) / sqrt(2 * pi)),)
    ),
    definition=lambda x: x * ndtr(x),
    notation=Notation(
        "gelu({0})",
        r"\operatorname{{gelu}}\left({0}\right)",
        "gelu({0})",
        helper="import scipy.special\n\n\ndef gelu(x):\n"
        "    return x * scipy.special.ndtr(x)\n",
    ),
    domain=(REAL,),
    source="the product rule on x·Φ(x)",
    because="product rule on x·Φ(x)",
    numpy=("special.gelu",),
)

# ---------------------------------------------------------- of probability

erf = elementwise(
    name="erf",
    reference=of_scipy("erf"),
    derivative=Partials(lambda y, x: (2 / sqrt(pi) * exp(-(x * x)),)),
    notation=scipy_call("erf"),
    domain=(REAL,),
    source="DLMF 7.2.1",
    because="error function: its slope is a bell",
    numpy=("special.erf",),
)

erfc = elementwise(
    name="erfc",
    reference=of_scipy("erfc"),
    derivative=Partials(lambda y, x: (-2 / sqrt(pi) * exp(-(x * x)),)),
    notation=scipy_call("erfc"),
    domain=(REAL,),
    source="DLMF 7.2.2",
    because="error function: its slope is a bell",
    numpy=("special.erfc",),
)

erfcx: Primitive = elementwise(
    name="erfcx",
    reference=of_scipy("erfcx"),
    derivative=Partials(lambda y, x: (2 * x * y - 2 / sqrt(pi),)),
    notation=scipy_call("erfcx"),
    domain=(REAL,),
    source="the product rule on e^(x²)·erfc(x), DLMF 7.2.2",
    because="product rule on e^(x²)·erfc(x)",
    numpy=("special.erfcx",),
)

erfinv = elementwise(
    name="erfinv",
    reference=of_scipy("erfinv"),
    derivative=Partials(lambda y, x: (sqrt(pi) / 2 * exp(y * y),)),
    notation=scipy_call("erfinv", r"\operatorname{erf}^{-1}"),
    domain=((-1.0, 1.0),),
    source="the inverse function rule on DLMF 7.2.1",
    because="inverse function rule",
    numpy=("special.erfinv",),
)

logit = elementwise(
    name="logit",
    reference=of_scipy("logit"),
    derivative=Partials(lambda y, x: (1 / (x * (1 - x)),)),
    notation=Call("logit", code="logit", helper=LOGIT),
    domain=(PROBABILITY,),
    source="the chain rule on log(x / (1 − x))",
    because="inverse of the sigmoid",
    numpy=("special.logit",),
)

xlogy: Primitive = elementwise(
    name="xlogy",
    reference=of_scipy("xlogy"),
    derivative=Partials(lambda z, x, y: (lambda: log_(y), lambda: x / y)),
    linear={0: lambda z_bar, x, y: xlogy(z_bar, y)},
    notation=Notation(
        "{0}·log({1})",
        r"{0} \log\left({1}\right)",
        "xlogy({0}, {1})",
        PRODUCT,
        (PRODUCT, LOOSE),
        helper=XLOGY,
    ),
    domain=(REAL, POSITIVE),
    source="DLMF 4.7(i); 0·log 0 is 0",
    because="product rule on x·log y",
    numpy=("special.xlogy",),
)

gammaln: Primitive = elementwise(
    name="gammaln",
    reference=of_scipy("gammaln"),
    derivative=Partials(lambda y, x: (digamma(x),)),
    notation=scipy_call("gammaln", r"\log\Gamma"),
    domain=(POSITIVE,),
    source="DLMF 5.2.2",
    because="its slope is the digamma function",
    numpy=("special.gammaln", "special.loggamma"),
)

digamma: Primitive = elementwise(
    name="digamma",
    reference=of_scipy("digamma"),
    derivative=Partials(lambda y, x: (polygamma(x, n=1),)),
    notation=scipy_call("digamma", r"\psi"),
    domain=(POSITIVE,),
    source="DLMF 5.15",
    because="its slope is the polygamma function of order 1",
    numpy=("special.digamma", "special.psi"),
)

polygamma: Primitive = define(
    Primitive(
        name="polygamma",
        result=lambda x, n: x,
        reference=lambda x, n: import_module("scipy.special").polygamma(n, x),
        derivative=Partials(lambda y, x, n: (polygamma(x, n=n + 1),)),
        structure=Pointwise(),
        notation=Notation(
            "polygamma({n}, {0})",
            r"\psi^{{({n})}}\left({0}\right)",
            "scipy.special.polygamma({n}, {0})",
            helper="import scipy.special\n",
        ),
        domain=(POSITIVE,),
        source="DLMF 5.15",
        because="its slope is the polygamma function of the next order",
        numpy=("special.trigamma",),
        front=lambda x: polygamma(*alike((x,), floating=True), n=1),
        examples=(Example(((3,),), {"n": 1}), Example(((2,),), {"n": 3})),
    )
)

# ---------------------------------------------------------------------- rows

ROWS = (
    Example(((4,),), {"axis": (0,)}),
    Example(((2, 3),), {"axis": (1,)}),
    Example(((2, 3),), {"axis": (0, 1)}),
)


def peak(x: np.ndarray, axis: tuple[int, ...]) -> np.ndarray:
    """The largest entry of each row; 0 where it is infinite, so x - peak is not nan."""
    top = np.max(x, axis=axis, keepdims=True, initial=-inf)
    return np.where(np.isfinite(top), top, 0).astype(x.dtype)


def softmax_reference(x: np.ndarray, axis: tuple[int, ...]) -> np.ndarray:
    """Shares of exponentials; a row in which all are zero (−inf) has no shares: 0."""
    powers = np.exp(x - peak(x, axis))
    total = np.sum(powers, axis=axis, keepdims=True)
    return powers / np.where(total == 0, 1, total).astype(x.dtype)


def logsumexp_reference(
    x: np.ndarray,
    axis: tuple[int, ...],
    keepdims: bool,
) -> np.ndarray:
    """The logarithm of a sum of exponentials, with the largest taken out."""
    top = peak(x, axis)
    powers = np.exp(x - top)
    at_top = x == top
    ties = np.sum(at_top, axis=axis, keepdims=True).astype(x.dtype)
    small = np.sum(np.where(at_top, 0, powers), axis=axis, keepdims=True, dtype=x.dtype)
    lost = np.maximum(ties, 1)
    exact = top + np.log1p(small / lost) + np.log(lost)
    with np.errstate(divide="ignore"):  # the logarithm of no exponentials is -inf
        made = np.where(ties > 0, exact, top + np.log(small))
    return made if keepdims else np.squeeze(made, axis)


def log_softmax_reference(x: np.ndarray, axis: tuple[int, ...]) -> np.ndarray:
    """X less its logsumexp, which does not overflow."""
    top = peak(x, axis)
    return (x - top) - logsumexp_reference(x - top, axis, True)


def rows(code: str, **fields: Any) -> Primitive:
    """Define an operation on rows, with a front like ``softmax(x, axis=None)``.

    Args:
        code: Its definition in NumPy, under its name.
        fields: The fields of its record.
    """

    def front(x: Any, axis: Any = None) -> Tracer:
        (x,) = alike((x,), floating=True)
        return primitive(x, axis=axes_of(axis, x.ndim))

    name = fields["name"]
    family: dict[str, Any] = {
        "result": lambda x, axis: x,
        "structure": Rows(),
        "domain": (REAL,),
        "numpy": (f"special.{name}",),
        "front": front,
        "examples": ROWS,
        "notation": Notation(
            f"{name}({{0}}{{along}})",
            rf"\operatorname{{{{{name}}}}}{{below}}\left({{0}}\right)".replace(
                "_softmax", r"\,softmax"
            ),
            f"{name}({{0}}{{along}})",
            helper=code,
        ),
    }
    primitive = Primitive(**(family | fields))
    return define(primitive)


def row_sum(x: Tracer, axis: tuple[int, ...]) -> Tracer:
    """The sum of each row, repeated along it."""
    return stretch(sum_(x, axis=axis, keepdims=False), x, axis)


softmax = rows(
    SOFTMAX,
    name="softmax",
    reference=softmax_reference,
    derivative=Differential(
        lambda y, x, x_dot, axis: y * (x_dot[0] - row_sum(y * x_dot[0], axis))
    ),
    source="the quotient rule, with the shares read off the result",
    because="softmax in terms of its output",
)

log_softmax = rows(
    LOG_SOFTMAX,
    name="log_softmax",
    reference=log_softmax_reference,
    derivative=Differential(
        lambda y, x, x_dot, axis: (
            x_dot[0] - row_sum(softmax(x[0], axis=axis) * x_dot[0], axis)
        )
    ),
    source="x less its logsumexp",
    because="log-softmax: less the mean under softmax",
)

logsumexp = reduction(
    name="logsumexp",
    function=None,
    reference=logsumexp_reference,
    derivative=Differential(
        lambda y, x, x_dot, axis, keepdims: sum_(
            softmax(x[0], axis=axis) * x_dot[0], axis=axis, keepdims=keepdims
        )
    ),
    structure=Rows(),
    notation=Notation(
        "logsumexp({0}{along})",
        r"\operatorname{{logsumexp}}{below}\left({0}\right)",
        "logsumexp({0}{along})",
        helper=LOGSUMEXP,
    ),
    source="the chain rule on log Σ e^x",
    because="logsumexp: its slope is softmax",
    numpy=("special.logsumexp",),
    prepare=floating,
)
