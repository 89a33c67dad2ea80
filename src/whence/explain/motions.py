r"""How operations on arrays move, or send a cotangent back: what their records say.

    MOTIONS["contract"].text  ->  "C = A B:  Ā = C̄ Bᵀ,  B̄ = Aᵀ C̄"

For operations that are linear, or that act on whole arrays, so that a partial
derivative does not say it. x̄ is the cotangent of x, ẋ its tangent.
"""

from __future__ import annotations

from whence.explain.law import Law


def moves(text: str, latex: str, proof: str = "", condition: str = "") -> Law:
    """How an operation moves, or sends a cotangent back; its record has the name."""
    return Law("", "calculus", text, latex, proof, "", condition=condition)


SHARES = r"\dot y = \dot x \text{ at the same entries}"
MOTIONS = {
    "broadcast": moves(
        "y = x repeated:  x̄ = sum(ȳ along the axes of repetition)",
        r"y_{ij} = x_j \;\Rightarrow\; \bar x_j = \sum_i \bar y_{ij}",
        "Each copy moves as x does; what the copies send back adds up (bias-sum).",
    ),
    "reshape": moves("x̄ is ȳ in the shape of x", r"\bar x = \bar y \text{, reshaped}"),
    "transpose": moves("x̄ = ȳᵀ", r"\bar x = \bar y^{\top}"),
    "getitem": moves(
        "y = x[k]:  x̄ is 0 but at k, where it is ȳ",
        r"y = x_k:\quad \bar x = \bar y\,\mathbf{e}_k",
    ),
    "scatter": moves(
        "y is x put among zeros at k:  x̄ = ȳ[k]",
        r"y = x\,\mathbf{e}_k:\quad \bar x = \bar y_k",
    ),
    "setitem": moves(
        "y is x with z at k:  z̄ = ȳ[k], and x̄ is ȳ with 0 at k",
        r"\bar z = \bar y_k,\quad \bar x = \bar y - \bar y_k\,\mathbf{e}_k",
    ),
    "concatenate": moves("y = [x, z]:  x̄ and z̄ are their parts of ȳ", SHARES),
    "add": moves(
        "∂(x + z)/∂x = 1,  ∂(x + z)/∂z = 1",
        r"\frac{\partial (x + z)}{\partial x} = 1,\quad "
        r"\frac{\partial (x + z)}{\partial z} = 1",
        "(x + h + z) − (x + z) = h.",
    ),
    "sub": moves(
        "∂(x − z)/∂x = 1,  ∂(x − z)/∂z = −1",
        r"\frac{\partial (x - z)}{\partial x} = 1,\quad "
        r"\frac{\partial (x - z)}{\partial z} = -1",
        "(x + h − z) − (x − z) = h.",
    ),
    "neg": moves("∂(−x)/∂x = −1", r"\frac{\partial (-x)}{\partial x} = -1"),
    "mul": moves(
        "∂(x·z)/∂x = z,  ∂(x·z)/∂z = x",
        r"\frac{\partial (x z)}{\partial x} = z,\quad "
        r"\frac{\partial (x z)}{\partial z} = x",
        "(x + h)(z + k) − x·z = h·z + x·k + h·k, and h·k is of second order.",
    ),
    "select": moves(
        "y = where(c, x, z):  ∂y/∂x = [c],  ∂y/∂z = [not c]",
        r"\frac{\partial y}{\partial x} = [c],\quad "
        r"\frac{\partial y}{\partial z} = [\neg c]",
        "Nearby, the same branch is chosen.",
        "c does not change nearby",
    ),
    "maximum": moves(
        "y = max(x, z):  ∂y/∂x = [x > z],  ∂y/∂z = [z > x]",
        r"\frac{\partial y}{\partial x} = [x > z],\quad "
        r"\frac{\partial y}{\partial z} = [z > x]",
        "Nearby, the same one is larger. At a tie each takes half, by convention.",
        "x ≠ z",
    ),
    "minimum": moves(
        "y = min(x, z):  ∂y/∂x = [x < z],  ∂y/∂z = [z < x]",
        r"\frac{\partial y}{\partial x} = [x < z],\quad "
        r"\frac{\partial y}{\partial z} = [z < x]",
        "Nearby, the same one is smaller. At a tie each takes half, by convention.",
        "x ≠ z",
    ),
    "clip": moves(
        "y = clip(x, a, b):  ∂y/∂x = [a < x < b]",
        r"\frac{\partial y}{\partial x} = [a < x < b]",
        "Outside, y is one of the ends. At an end each takes half, by convention.",
        "x is at neither end",
    ),
    "sum": moves(
        "y = sum(x):  ∂y/∂xᵢ = 1",
        r"y = \sum_i x_i:\quad \frac{\partial y}{\partial x_i} = 1",
        "A sum is linear; what it sends back is a copy for each entry.",
    ),
    "mean": moves(
        "y = mean(x) of n entries:  ∂y/∂xᵢ = 1/n",
        r"y = \frac1n \sum_i x_i:\quad \frac{\partial y}{\partial x_i} = \frac1n",
        "A sum over n.",
    ),
    "max": moves(
        "y = max(x):  ∂y/∂xᵢ = 1 at the largest entry, 0 elsewhere",
        r"\frac{\partial \max x}{\partial x_i} = [x_i = \max x]",
        "Nearby, the same entry is largest. Ties share evenly, by convention.",
        "one entry is largest",
    ),
    "min": moves(
        "y = min(x):  ∂y/∂xᵢ = 1 at the smallest entry, 0 elsewhere",
        r"\frac{\partial \min x}{\partial x_i} = [x_i = \min x]",
        "Nearby, the same entry is smallest. Ties share evenly, by convention.",
        "one entry is smallest",
    ),
    "prod": moves(
        "y = prod(x):  ∂y/∂xᵢ = the product of all other entries",
        r"\frac{\partial}{\partial x_i} \prod_j x_j = \prod_{j \ne i} x_j",
        "The product is linear in each entry.",
    ),
    "product_of_others": moves(
        "yᵢ = ∏_(j≠i) xⱼ:  ∂yᵢ/∂xₖ = the product of all but xᵢ and xₖ, 0 for k = i",
        r"\frac{\partial y_i}{\partial x_k} = \prod_{j \ne i,\,k} x_j,\quad "
        r"\frac{\partial y_i}{\partial x_i} = 0",
        "Each is linear in each of its factors, and does not have its own.",
    ),
    "cumsum": moves(
        "yᵢ = x₁ + … + xᵢ:  x̄ᵢ = ȳᵢ + … + ȳₙ",
        r"y_i = \sum_{j \le i} x_j:\quad \bar x_j = \sum_{i \ge j} \bar y_i",
        "x_j is in every later running sum.",
    ),
    "cumprod": moves(
        "yᵢ = x₁ ⋯ xᵢ:  ∂yᵢ/∂xⱼ = the product of the other factors, for j ≤ i",
        r"\frac{\partial y_i}{\partial x_j} = \prod_{k \le i,\,k \ne j} x_k",
        "Each running product is linear in each factor.",
    ),
    "take_along": moves("x̄ is 0 but where entries were picked", SHARES),
    "scatter_along": moves("x̄ is ȳ at the places where x was put", SHARES),
    "sort": moves("y = sort(x):  each entry of x̄ is that of ȳ where it went", SHARES),
    "tril": moves("x̄ = tril(ȳ)", r"\bar x = \operatorname{tril}(\bar y)"),
    "triu": moves("x̄ = triu(ȳ)", r"\bar x = \operatorname{triu}(\bar y)"),
    "diagonal": moves(
        "y = diagonal(X):  X̄ is ȳ on the diagonal, 0 elsewhere",
        r"\bar X = \operatorname{diag}(\bar y)",
    ),
    "embed_diagonal": moves(
        "Y = diag(x):  x̄ is the diagonal of Ȳ", r"\bar x_i = \bar Y_{ii}"
    ),
    "contract": moves(
        "C = A B:  Ā = C̄ Bᵀ,  B̄ = Aᵀ C̄",
        r"C = A B:\quad \bar A = \bar C B^{\top},\quad \bar B = A^{\top} \bar C",
        "Ċ = Ȧ B + A Ḃ, and ⟨C̄, Ȧ B⟩ = ⟨C̄ Bᵀ, Ȧ⟩ (matmul-left, matmul-right).",
    ),
    "custom": moves("as its author says", r"\text{as its author says}"),
    "inv": moves(
        "Y = X⁻¹:  X̄ = −Yᵀ Ȳ Yᵀ",
        r"Y = X^{-1}:\quad \bar X = -Y^{\top} \bar Y\, Y^{\top}",
        "X Y = I gives Ẋ Y + X Ẏ = 0, so Ẏ = −Y Ẋ Y.",
        "X is regular",
    ),
    "det": moves(
        "d = det(X):  ∂d/∂X = d·X⁻ᵀ",
        r"\frac{\partial \det X}{\partial X} = \det(X)\, X^{-\top}",
        "det(X + Ẋ) = det(X)·det(I + X⁻¹ Ẋ) = det(X)·(1 + tr(X⁻¹ Ẋ) + …).",
        "X is regular",
    ),
    "logabsdet": moves(
        "y = log|det(X)|:  ∂y/∂X = X⁻ᵀ",
        r"\frac{\partial \log\lvert\det X\rvert}{\partial X} = X^{-\top}",
        "Jacobi's formula over the determinant.",
        "X is regular",
    ),
    "solve": moves(
        "Y = A⁻¹ B:  B̄ = A⁻ᵀ Ȳ,  Ā = −B̄ Yᵀ",
        r"\bar B = A^{-\top} \bar Y,\quad \bar A = -\bar B\, Y^{\top}",
        "A Y = B gives Ȧ Y + A Ẏ = Ḃ.",
        "A is regular",
    ),
    "cholesky": moves(
        "L Lᵀ = A:  L̇ = L Φ(L⁻¹ Ȧ L⁻ᵀ), Φ the lower triangle with half the diagonal",
        r"\dot L = L\,\Phi(L^{-1} \dot A L^{-\top})",
        "Ȧ = L̇ Lᵀ + L L̇ᵀ, and L⁻¹ L̇ is lower triangular.",
        "A is positive definite",
    ),
    "relu": moves(
        "y = max(x, 0):  ∂y/∂x = [x > 0]",
        r"\frac{\partial y}{\partial x} = [x > 0]",
        "By cases; 0 at 0 by convention.",
        "x ≠ 0",
    ),
    "softmax": moves(
        "p = softmax(q):  ∂pᵢ/∂qⱼ = pᵢ·(δᵢⱼ − pⱼ),  q̄ = p ⊙ (p̄ − sum(p ⊙ p̄))",
        r"\frac{\partial p_i}{\partial q_j} = p_i\,(\delta_{ij} - p_j)",
        "The quotient rule: e^qᵢ over S moves by pᵢ·δᵢⱼ, and by −pᵢ·pⱼ through S.",
    ),
    "log_softmax": moves(
        "y = log softmax(q):  ∂yᵢ/∂qⱼ = δᵢⱼ − pⱼ, p = exp(y)",
        r"\frac{\partial y_i}{\partial q_j} = \delta_{ij} - p_j",
        "yᵢ = qᵢ − logsumexp(q).",
    ),
    "logsumexp": moves(
        "y = log Σ e^qᵢ:  ∂y/∂qᵢ = e^(qᵢ − y), the softmax of q",
        r"\frac{\partial y}{\partial q_i} = \operatorname{softmax}(q)_i",
        "e^qᵢ over the sum of all, by the chain rule.",
    ),
    "var": moves(
        "v = mean((x − m)²):  ∂v/∂xᵢ = 2·(xᵢ − m)/n",
        r"\frac{\partial v}{\partial x_i} = \frac{2\,(x_i - m)}{n}",
        "The mean's own motion meets Σ (xᵢ − m) = 0.",
    ),
    "std": moves(
        "s = √var(x):  ∂s/∂xᵢ = (xᵢ − m)/(n·s)",
        r"\frac{\partial s}{\partial x_i} = \frac{x_i - m}{n\,s}",
        "The chain rule on the root of the variance.",
        "s ≠ 0",
    ),
    "norm": moves(
        "r = norm(x):  ∂r/∂x = x/r",
        r"\frac{\partial \lVert x\rVert}{\partial x} = \frac{x}{\lVert x\rVert}",
        "r² = Σ xᵢ² gives 2r·∂r/∂xᵢ = 2xᵢ.",
        "r ≠ 0; 0 at the origin by convention",
    ),
}
