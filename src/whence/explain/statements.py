r"""Statements of the laws that no identity of the search spells out.

ALGEBRA has the steps of the search and of the normal form, what is recognised by its
structure, and the steps that keep digits; PROOFS, reasons for laws that are made from
their records.

Capital letters are matrices, p, q, u and v vectors, k a place; all others are numbers.
"""

from __future__ import annotations

from whence.explain.law import Law
from whence.simplify.rule import Kind
from whence.simplify.symmetric import SYMMETRY


def said(
    name: str,
    text: str,
    latex: str,
    proof: str,
    sides: tuple[str, str] | None = None,
    *,
    condition: str = "",
    kind: Kind = "rounding",
    group: str = "algebra",
    source: str = "",
) -> Law:
    """A law written down; its proof is its source where there is no other."""
    return Law(name, group, text, latex, proof, source or proof, sides, condition, kind)


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

STRUCTURE = [
    said(
        "is-absolute",
        "√(x²) = |x|",
        r"\sqrt{x^2} = |x|",
        "By cases of the sign of x.",
        ("np.sqrt(x**2)", "np.abs(x)"),
        group="recognition",
    ),
    said(
        "is-softmax",
        "exp(q)/sum(exp(q)) = softmax(q), a common shift of q left out",
        r"\frac{e^{q}}{\sum_i e^{q_i}} = \operatorname{softmax}(q)",
        "By definition; e^(q − m) = e^q·e^(−m), and e^(−m) cancels.",
        ("np.exp(q)/np.sum(np.exp(q))", "scipy.special.softmax(q)"),
        group="recognition",
        kind="repair",
    ),
    said(
        "is-logsumexp",
        "log(sum(exp(q))) = logsumexp(q)",
        r"\log\sum_i e^{q_i} = \operatorname{logsumexp}(q)",
        "By definition.",
        ("np.log(np.sum(np.exp(q)))", "scipy.special.logsumexp(q)"),
        group="recognition",
        kind="repair",
    ),
    said(
        "log-exp",
        "log(exp(x)·b) = x + log(b)",
        r"\log(e^{x}\,b) = x + \log b",
        "The log of a product is the sum of the logs; no exponential overflows.",
        ("np.log(np.exp(x)*b)", "x + np.log(b)"),
        group="recognition",
        condition="b > 0",
        kind="repair",
    ),
    said(
        "two-class-softmax",
        "exp(x)/(exp(x) + exp(z)) = sigmoid(x − z)",
        r"\frac{e^{x}}{e^{x} + e^{z}} = \sigma(x - z)",
        "Divided by e^x above and below, it is 1/(1 + e^(z − x)).",
        ("np.exp(x)/(np.exp(x) + np.exp(z))", "scipy.special.expit(x - z)"),
        group="recognition",
        kind="repair",
    ),
    said(
        "is-logaddexp",
        "log(exp(x) + exp(z)) = logaddexp(x, z)",
        r"\log(e^{x} + e^{z}) = \operatorname{logaddexp}(x, z)",
        "By definition.",
        ("np.log(np.exp(x) + np.exp(z))", "np.logaddexp(x, z)"),
        group="recognition",
        kind="repair",
    ),
    said(
        "log-of-difference",
        "log(exp(x) − exp(z)) = x + log(−expm1(z − x))",
        r"\log(e^{x} - e^{z}) = x + \log(-\operatorname{expm1}(z - x))",
        "e^x − e^z = e^x·(1 − e^(z − x)); no exponential overflows.",
        ("np.log(np.exp(x) - np.exp(z))", "x + np.log(-np.expm1(z - x))"),
        group="recognition",
        condition="x > z",
        kind="repair",
    ),
    said(
        "is-hyperbolic",
        "(exp(z) + exp(−z))/2 = cosh(z),  (exp(z) − exp(−z))/2 = sinh(z)",
        r"\tfrac12(e^{z} + e^{-z}) = \cosh z,\quad \tfrac12(e^{z} - e^{-z}) = \sinh z",
        "By definition.",
        ("(np.exp(z) + np.exp(-z))/2", "np.cosh(z)"),
        group="recognition",
        source="DLMF 4.28.1",
    ),
    said(
        "hyperbolic-times-exp",
        "sinh(z)·exp(−z) = (1 − exp(−2z))/2,  exp(z)/cosh(z) = 2·sigmoid(2z)",
        r"\sinh(z)\,e^{-z} = \tfrac12(1 - e^{-2z}),\quad "
        r"\frac{e^{z}}{\cosh z} = 2\sigma(2z)",
        "By the definitions, e^z or e^(−z) taken into every exponential.",
        ("np.sinh(z)*np.exp(-z)", "(1 - np.exp(-2*z))/2"),
        group="recognition",
        kind="repair",
    ),
    said(
        "merge-exponentials",
        "exp(x)/exp(z) = exp(x − z)",
        r"\frac{e^{x}}{e^{z}} = e^{x - z}",
        "The functional equation of the exponential.",
        ("np.exp(x)/np.exp(z)", "np.exp(x - z)"),
        group="recognition",
        kind="repair",
    ),
    said(
        "is-norm",
        "√sum(u²) = norm(u)",
        r"\sqrt{\textstyle\sum_i u_i^2} = \lVert u\rVert",
        "By definition.",
        ("np.sqrt(np.sum(u**2))", "np.linalg.norm(u)"),
        group="recognition",
        kind="repair",
    ),
    said(
        "is-hypot",
        "√(x² + y²) = hypot(x, y), and so of more: hypot(hypot(x, y), z)",
        r"\sqrt{x^2 + y^2} = \operatorname{hypot}(x, y)",
        "By definition; no square overflows on the right.",
        ("np.sqrt(x**2 + y**2)", "np.hypot(x, y)"),
        group="recognition",
        kind="repair",
    ),
]

TAILS = [
    said(
        "is-ndtr",
        "(1 + erf(x/√2))/2 = ndtr(x)",
        r"\frac{1}{2}\bigl(1 + \operatorname{erf}(x/\sqrt 2)\bigr) = \Phi(x)",
        "By definition; erfc is 1 − erf, and 1 − Φ(x) is Φ(−x).",
        ("(1 + scipy.special.erf(x/np.sqrt(2)))/2", "scipy.special.ndtr(x)"),
        group="recognition",
        kind="repair",
    ),
    said(
        "is-log-ndtr",
        "log(erfc(x)) = log_ndtr(−√2·x) + log(2)",
        r"\log\operatorname{erfc}(x) = \log\Phi(-\sqrt 2\,x) + \log 2",
        "erfc(x) = 2·Φ(−√2·x); far out Φ rounds to 0, and log_ndtr has its logarithm.",
        (
            "np.log(scipy.special.erfc(x))",
            "scipy.special.log_ndtr(-np.sqrt(2)*x) + np.log(2)",
        ),
        group="recognition",
        kind="repair",
    ),
]

STABLE = [
    said(
        "log1p",
        "log(sigmoid(z)) = −softplus(−z)",
        r"\log\sigma(z) = -\log(1 + e^{-z})",
        "σ(z) = 1/(1 + e^(−z)); the right side has its digits where σ rounds to 0.",
        ("np.log(scipy.special.expit(z))", "-np.logaddexp(-z, 0)"),
        group="stability",
        kind="repair",
    ),
    said(
        "complement",
        "log(1 − sigmoid(z)) = −softplus(z)",
        r"\log(1 - \sigma(z)) = -\log(1 + e^{z})",
        "1 − σ(z) = σ(−z); the right side has its digits where σ rounds to 1.",
        ("np.log(1 - scipy.special.expit(z))", "-np.logaddexp(z, 0)"),
        group="stability",
        kind="repair",
    ),
    said(
        "max-shift",
        "log(softmax(q)) = q − max(q) − log(sum(exp(q − max(q))))",
        r"\log\operatorname{softmax}(q) = q - m - \log\sum_i e^{q_i - m},"
        r"\quad m = \max q",
        "A common shift of q leaves softmax as it is; shifted, no exponential "
        "overflows.",
        (
            "np.log(scipy.special.softmax(q))",
            "q - np.max(q) - np.log(np.sum(np.exp(q - np.max(q))))",
        ),
        group="stability",
        kind="repair",
    ),
    said(
        "max-shift",
        "log(sum(a·exp(u))) = m + log(sum(a·exp(u − m))), m near max(u)",
        r"\log\sum_i a\,e^{u_i} = m + \log\sum_i a\,e^{u_i - m},"
        r"\quad m = \max u",
        "e^m taken out of every exponential; it holds for any m, so m does not move.",
        (
            "np.log(np.sum(a*np.exp(u)))",
            "np.rint(np.max(u)) + np.log(np.sum(a*np.exp(u - np.rint(np.max(u)))))",
        ),
        group="stability",
        kind="repair",
    ),
    said(
        "max-shift",
        "x/(exp(z) + y) = x·exp(−m)/(exp(z − m) + y·exp(−m)), m near max(z, 0)",
        r"\frac{x}{e^{z} + y} = \frac{x\,e^{-m}}{e^{z - m} + y\,e^{-m}},"
        r"\quad m = \max(z, 0)",
        "e^(−m) above and below; what is largest is then about 1.",
        (
            "x/(np.exp(z) + y)",
            "x*np.exp(-max(z, 0))/(np.exp(z - max(z, 0)) + y*np.exp(-max(z, 0)))",
        ),
        group="stability",
        kind="repair",
    ),
    said(
        "split-saturation",
        "sigmoid(z) − y = (1 − y)·sigmoid(z) − y·sigmoid(−z)",
        r"\sigma(z) - y = (1 - y)\,\sigma(z) - y\,\sigma(-z)",
        "σ(z) + σ(−z) = 1; taken apart so, nothing rounds to the label.",
        (
            "scipy.special.expit(z) - y",
            "(1 - y)*scipy.special.expit(z) - y*scipy.special.expit(-z)",
        ),
        group="stability",
        kind="repair",
    ),
    said(
        "expm1",
        "exp(x) − 1 = expm1(x)",
        r"e^{x} - 1 = \operatorname{expm1}(x)",
        "By definition; the right side has its digits near 0.",
        ("np.exp(x) - 1", "np.expm1(x)"),
        group="stability",
        kind="repair",
    ),
    said(
        "half-angle",
        "1 − cos(x) = 2·sin(x/2)²",
        r"1 - \cos x = 2\sin^2\tfrac{x}{2}",
        "The double angle of the cosine; the right side has its digits near 0.",
        ("1 - np.cos(x)", "2*np.sin(x/2)**2"),
        group="stability",
        kind="repair",
    ),
    said(
        "removable-limit",
        "x·log(x) = xlogy(x, x)",
        r"x\log x = \operatorname{xlogy}(x, x)",
        "A power of x outweighs its logarithm, so the limit at 0 is 0.",
        ("x*np.log(x)", "scipy.special.xlogy(x, x)"),
        group="stability",
        kind="repair",
    ),
    said(
        "series-near",
        "sin(x)/x = 1 − x²/6 + x⁴/120 − …, near 0",
        r"\frac{\sin x}{x} = 1 - \frac{x^2}{6} + \frac{x^4}{120} - \dots",
        "A Laurent series without negative powers fills the gap and keeps its digits "
        "there.",
        ("np.sin(x)/x", "np.sinc(x/np.pi)"),
        group="stability",
        kind="repair",
    ),
]

ALGEBRA = [*DERIVATION, *SEARCH, *STRUCTURE, *TAILS, *STABLE, *NORMAL]


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
