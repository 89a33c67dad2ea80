r"""Statements of the laws that no identity of the search spells out.

ALGEBRA has the steps of the search and of the normal form, and those that repair a
program (``explain.repairs``); PROOFS, reasons for laws made from their records.

Capital letters are matrices, p, q, u and v vectors, k a place; all others are numbers.
"""

from __future__ import annotations

from whence.explain.law import said
from whence.explain.repairs import REPAIRS
from whence.simplify.symmetric import SYMMETRY

DERIVATION = [
    said(
        "definition",
        "y = f(x), as the program computes it",
        r"y = f(x)",
        "The program says so.",
        group="derivation",
    ),
    said(
        "chain rule",
        "∂f/∂x = Σ ∂f/∂u · ∂u/∂x, over all u that x goes into",
        r"\frac{\partial f}{\partial x} = \sum_u "
        r"\frac{\partial f}{\partial u}\,\frac{\partial u}{\partial x}",
        "Along each u, f moves by ∂f/∂u times how far u moves; to first order the "
        "motions add.",
        group="derivation",
        source="DLMF 1.5(i)",
    ),
    said(
        "sum over paths",
        "∂f/∂x = Σ over the paths from x to f of the product of the slopes on each",
        r"\frac{\partial f}{\partial x} = \sum_{\text{paths}} "
        r"\prod_{\text{edges}} \frac{\partial v}{\partial u}",
        "The chain rule, multiplied out down to the input.",
        group="derivation",
        source="Bauer 1974",
    ),
    said(
        "put names back",
        "u becomes what it stands for, where that is short or lets something cancel",
        r"u \mapsto \text{what } u \text{ stands for}",
        "A name and its definition are the same number.",
        group="derivation",
    ),
    said(
        "closed form",
        "∂f/∂x is the last form above",
        r"\frac{\partial f}{\partial x} = \text{the last form above}",
        "The steps before it lead there.",
        group="derivation",
    ),
    said(
        "reverse mode",
        "∂f/∂x is what reverse mode gives without any rewriting",
        r"\frac{\partial f}{\partial x} = \bar x",
        "Compared in numbers, and with central differences.",
        group="derivation",
    ),
]

SEARCH = [
    said(
        "distribute",
        "a·(b + c) = a·b + a·c",
        r"a\,(b + c) = a\,b + a\,c",
        "Distributivity; of sums over axes and of matrix products too.",
        ("a*(b + c)", "a*b + a*c"),
    ),
    said(
        "factor",
        "a·b + a·c = a·(b + c)",
        r"a\,b + a\,c = a\,(b + c)",
        "Distributivity, read from the right.",
        ("a*b + a*c", "a*(b + c)"),
    ),
    said(
        "common denominator",
        "a/b + c/d = (a·d + b·c)/(b·d)",
        r"\frac{a}{b} + \frac{c}{d} = \frac{a\,d + b\,c}{b\,d}",
        "Each fraction is widened by the other's denominator.",
        ("a/b + c/d", "(a*d + b*c)/(b*d)"),
        condition="b ≠ 0, d ≠ 0",
    ),
    said(
        "multiply",
        "a/b · c/d = (a·c)/(b·d)",
        r"\frac{a}{b}\cdot\frac{c}{d} = \frac{a\,c}{b\,d}",
        "Products of fractions are taken above and below the line.",
        ("a/b*(c/d)", "(a*c)/(b*d)"),
    ),
    said(
        "cancel",
        "(a·b)/(a·c) = b/c",
        r"\frac{a\,b}{a\,c} = \frac{b}{c}",
        "a/a is 1 for every a but 0.",
        ("(a*b)/(a*c)", "b/c"),
        condition="a ≠ 0",
    ),
    said(
        "polynomial division",
        "(x² − 1)/(x − 1) = x + 1",
        r"\frac{x^2 - 1}{x - 1} = x + 1",
        "Multiplied out, (x − 1)·(x + 1) is x² − 1; what divides evenly cancels.",
        ("(x**2 - 1)/(x - 1)", "x + 1"),
        condition="what is divided by is not 0",
        kind="repair",
    ),
    said(
        "under the root",
        "2·√(a) = √(4·a)",
        r"2\,\sqrt{a} = \sqrt{4\,a}",
        "Both are positive, and so are their equal squares.",
        ("2*np.sqrt(a)", "np.sqrt(4*a)"),
        condition="a ≥ 0",
    ),
    said(
        "log-exp",
        "exp(c·log(a)) = a^c",
        r"e^{c \log a} = a^{c}",
        "By definition of powers.",
        ("np.exp(c*np.log(a))", "a**c"),
        condition="a > 0",
    ),
    said(
        "same choice",
        "where(c, where(c, a, b), d) = where(c, a, d)",
        r"[c]\,([c]\,a + [\neg c]\,b) + [\neg c]\,d = [c]\,a + [\neg c]\,d",
        "Inside the branch where c holds, c holds.",
        ("np.where(c > 0.5, np.where(c > 0.5, a, b), d)", "np.where(c > 0.5, a, d)"),
        kind="exact",
    ),
    said(
        "compare",
        "(a + c > b + c) = (a > b)",
        r"[a + c > b + c] = [a > b]",
        "What both sides of a comparison have makes no difference to it.",
        ("np.where(a + c > b + c, 1.0, 0.0)", "np.where(a > b, 1.0, 0.0)"),
        kind="rounding",
    ),
    said(
        "softmax-sum",
        "sum(softmax(q)) = 1",
        r"\sum_i \operatorname{softmax}(q)_i = 1",
        "Each entry is e^qᵢ over the sum of all e^qⱼ.",
        ("np.sum(scipy.special.softmax(q))", "1.0"),
    ),
    said(
        "product over factor",
        "∏_(j≠i) xⱼ / ∏_j xⱼ = 1/xᵢ",
        r"\frac{\prod_{j \ne i} x_j}{\prod_j x_j} = \frac{1}{x_i}",
        "The product of all is each factor times the product of the others.",
        ("np.array([u[1]*u[2], u[0]*u[2], u[0]*u[1]])/np.prod(u)", "1/u"),
        condition="no factor is 0",
        kind="repair",
    ),
    said(
        "dot product",
        "sum(u ⊙ v) = uᵀ v",
        r"\sum_i u_i\,v_i = u^{\top} v",
        "By definition of the dot product.",
        ("np.sum(u*v)", "u @ v"),
    ),
    said(
        "shared factor",
        "A u + B u = (A + B) u",
        r"A\,u + B\,u = (A + B)\,u",
        "A matrix product is linear in each factor; transposes line the letters up.",
        ("A @ u + B @ u", "(A + B) @ u"),
    ),
    said(
        "mean",
        "sum(u)/n = mean(u)",
        r"\frac{1}{n}\sum_{i=1}^{n} u_i = \operatorname{mean}(u)",
        "By definition of the mean of n entries.",
        ("np.sum(u)/len(u)", "np.mean(u)"),
    ),
    said(
        "deviations sum to 0",
        "sum(u − mean(u)) = 0",
        r"\sum_i (u_i - \bar u) = 0",
        "The sum of the entries less n times their mean.",
        ("np.sum(u - np.mean(u))", "0*np.sum(u)"),
    ),
    said(
        "clip",
        "where(|x| ≤ d, x, d·sign(x)) = clip(x, −d, d)",
        r"[|x| \le d]\,x + [|x| > d]\,d \operatorname{sign} x = "
        r"\operatorname{clip}(x, -d, d)",
        "Beyond the ends, d·sign(x) is the nearer of them.",
        (
            "np.where(abs(x) <= abs(d), x, abs(d)*np.sign(x))",
            "np.clip(x, -abs(d), abs(d))",
        ),
        condition="d ≥ 0",
    ),
    said(
        "onehot-sum",
        "sum(t) = 1",
        r"\sum_i t_i = 1",
        "Taken from the data: the labels of each row are shares of one whole. The form "
        "that needs no assumption stands beside the result.",
        condition="the entries of t sum to 1 (assumed, and checked in the data)",
    ),
    said(
        SYMMETRY,
        "Sᵀ = S",
        r"S^{\top} = S",
        "Taken from the data: S is its own transpose. The form that needs no "
        "assumption stands beside the result.",
        condition="S is symmetric (assumed, and checked in the data)",
    ),
]

NORMAL = [
    said(
        "collect",
        "2·a + 3·a = 5·a,  a − a = 0",
        r"2\,a + 3\,a = 5\,a",
        "Distributivity.",
        ("2*a + 3*a", "5*a"),
        group="silent",
    ),
    said(
        "merge-powers",
        "a^m · a^n = a^(m + n)",
        r"a^{m}\,a^{n} = a^{m + n}",
        "By definition of powers; the signs of a are kept.",
        ("a**3*a**2", "a**5"),
        group="silent",
    ),
    said(
        "fold-constants",
        "2·3·a = 6·a",
        r"2\cdot 3\,a = 6\,a",
        "Numbers of the program are exact fractions.",
        ("2*(3*a)", "6*a"),
        group="silent",
    ),
    said(
        "sign",
        "−(a − b) = b − a",
        r"-(a - b) = b - a",
        "Distributivity.",
        ("-(a - b)", "b - a"),
        group="silent",
        kind="exact",
    ),
    said(
        "odd",
        "sin(−x) = −sin(x), and so tan, sinh, tanh, arcsin, arctan, erf, …",
        r"\sin(-x) = -\sin x",
        "Each is an odd function.",
        ("np.sin(-x)", "-np.sin(x)"),
        group="silent",
        kind="exact",
    ),
    said(
        "even",
        "cos(−x) = cos(x), and so cosh, |x|, norms",
        r"\cos(-x) = \cos x",
        "Each is an even function.",
        ("np.cos(-x)", "np.cos(x)"),
        group="silent",
        kind="exact",
    ),
    said(
        "root of a square",
        "√(x²) = |x|",
        r"\sqrt{x^2} = |x|",
        "By cases of the sign of x.",
        ("np.sqrt((-x)**2)", "np.abs(x)"),
        group="silent",
    ),
    said(
        "constant-factor",
        "sum(a·u) = a·sum(u), and so of matrix products and means",
        r"\sum_i a\,u_i = a \sum_i u_i",
        "Linearity.",
        ("np.sum(a*u)", "a*np.sum(u)"),
        group="silent",
    ),
    said(
        "sum-broadcast",
        "sum(1) over n entries = n",
        r"\sum_{i=1}^{n} 1 = n",
        "Counting.",
        ("np.sum(np.ones(3))", "3.0"),
        group="silent",
        kind="exact",
    ),
    said(
        "matmul-ones",
        "1ᵀ A = the sums of the columns of A",
        r"\mathbf{1}^{\top} A = \Bigl(\sum_i A_{ij}\Bigr)_j",
        "Each entry of the product sums a column.",
        ("np.ones(3) @ A", "np.sum(A, axis=0)"),
        group="silent",
    ),
    said(
        "identity",
        "I A = A",
        r"I\,A = A",
        "Row i of I picks row i of A.",
        ("np.eye(3) @ A", "A"),
        group="silent",
    ),
    said(
        "transpose",
        "(Aᵀ)ᵀ = A,  (A B)ᵀ = Bᵀ Aᵀ",
        r"(A B)^{\top} = B^{\top} A^{\top}",
        "Entry i, j of both is the sum over k of A_jk·B_ki.",
        ("(A @ B).T", "B.T @ A.T"),
        group="silent",
    ),
    said(
        "sift",
        "p ⊙ e_k = p_k·e_k",
        r"p \odot \mathbf{e}_k = p_k\,\mathbf{e}_k",
        "e_k is 0 but at k.",
        ("p*np.eye(3)[k]", "p[k]*np.eye(3)[k]"),
        group="silent",
        kind="exact",
    ),
]

ALGEBRA = [*DERIVATION, *SEARCH, *REPAIRS, *NORMAL]


PROOFS = {
    "Pythagoras": "sin x and cos x are the legs of a right triangle of hypotenuse 1.",
    "tangent": "tan x is sin x over cos x, and Pythagoras over cos² x.",
    "hyperbolic Pythagoras": "((e^x + e^−x)² − (e^x − e^−x)²)/4 = e^x·e^−x = 1.",
    "hyperbolic tangent": "tanh x is defined as sinh x over cosh x.",
    "difference of squares": "Multiplied out, the middle items x and −x cancel.",
    "log of exp": "log is the inverse function of exp.",
    "complement": "1/(1 + e^−z) + 1/(1 + e^z) is 1 over a common denominator.",
    "is-tanh": "sinh over cosh, with e^(−z) or e^(−z/2) taken out above and below.",
    "is-sigmoid": "σ(z) = 1/(1 + e^−z) = e^z/(1 + e^z) = (1 + tanh(z/2))/2.",
    "is-softplus": "By definition, softplus(z) = log(1 + e^z).",
    "product rule": "(x + h)(z + k) − x·z = h·z + x·k + h·k; h·k is of second order.",
    "quotient rule": "y·z = x gives ẏ·z + y·ż = ẋ, so ẏ = (ẋ − y·ż)/z.",
    "power rule": "x^n = e^(n·log x); for whole n, the product rule on n factors.",
    "exponential rule": "e^(x + h) − e^x = e^x·(e^h − 1), and (e^h − 1)/h goes to 1.",
    "logarithm rule": "e^y = x gives e^y·ẏ = ẋ, so ẏ = ẋ/x.",
    "sine rule": "sin(x + h) = sin x·cos h + cos x·sin h, and sin(h)/h goes to 1.",
    "cosine rule": "cos x = sin(x + π/2).",
    "sigmoid in terms of its output": "σ' = e^−z/(1 + e^−z)² = σ·(1 − σ).",
    "tanh in terms of its output": "(sinh/cosh)' = (cosh² − sinh²)/cosh² = 1 − tanh².",
    "square root in terms of its output": "y² = x gives 2y·ẏ = ẋ.",
    "inverse sine rule": "sin y = x gives cos y·ẏ = ẋ, and cos y = √(1 − x²).",
    "is-scaled-erfc": "By definition; neither factor over- nor underflows by itself.",
    "inverse tangent rule": "tan y = x gives (1 + tan² y)·ẏ = ẋ.",
}
