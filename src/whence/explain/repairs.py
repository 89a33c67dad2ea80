r"""Statements of the laws by which a program is repaired.

STRUCTURE has what is recognised by its structure, TAILS and STABLE the steps that keep
digits where others overflow or cancel.

Capital letters are matrices, p, q, u and v vectors, k a place; all others are numbers.
"""

from __future__ import annotations

from whence.explain.law import said

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
        "over-its-length",
        "x/r² = (x/r)/r, r = hypot(x, y)",
        r"\frac{x}{r^2} = \frac{x/r}{r},\quad r = \sqrt{x^2 + y^2}",
        "The square of a length over- or underflows before it; x/r is at most 1.",
        ("x/np.hypot(x, y)**2", "x/np.hypot(x, y)/np.hypot(x, y)"),
        group="stability",
        kind="repair",
    ),
    said(
        "root-of-product",
        "prod(u)^c = prod(sign(u))^c·prod(|u|^c)",
        r"\Bigl(\prod_i u_i\Bigr)^{c} = "
        r"\Bigl(\prod_i \operatorname{sign} u_i\Bigr)^{c} \prod_i |u_i|^{c}",
        "A product is its sign times its size, and a power of sizes is one of each; no "
        "root over- or underflows, and a negative product has none.",
        ("np.prod(u)**0.3", "np.prod(np.sign(u))**0.3*np.prod(np.abs(u)**0.3)"),
        group="stability",
        kind="repair",
    ),
    said(
        "no-weight",
        "y/p = 0 where y and p are 0, if p stands in y·log(p)",
        r"\frac{y}{p} = 0 \quad\text{where } y = p = 0,\text{ if } p"
        r" \text{ stands in } y\log p",
        "y·log(p) is 0 for y = 0, whatever p > 0 is, and so is its slope.",
        ("x/y", "x/np.where((x == 0) & (y == 0), 1, y)"),
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

REPAIRS = [*STRUCTURE, *TAILS, *STABLE]
