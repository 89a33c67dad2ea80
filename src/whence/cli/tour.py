"""The programs of ``whence demo``, and what is said about them.

These are texts: each program is shown as it stands here, and run as if the reader had
written it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Part:
    """A part of the tour.

    Attributes:
        title: Its heading.
        words: What the reader is about to see.
        program: What is run.
    """

    title: str
    words: str
    program: str


DERIVATION = Part(
    "A derivative that says where it comes from",
    "The derivation is not drawn beside the computation: what is printed is the "
    "program that computes the gradient, and every line was evaluated before it was "
    "printed.",
    """\
import whence

def f(x):
    return (x**2 + 1) ** 3

print(whence.explain(f, 2.0))
""",
)

LOGISTIC = Part(
    "Logistic regression, written as in a textbook",
    "Plain NumPy, nothing done against overflow. The fractions cancel on the way, and "
    "what is left is the error times the input. The table below tells which part of "
    "the loss contributes what.",
    """\
import numpy as np
import whence

def loss(w, x, b, y):
    z = w * x + b
    y_hat = 1 / (1 + np.exp(-z))
    return -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))

print(whence.explain(loss, 0.5, 2.0, -0.5, 1.0))
""",
)

AT_40 = (
    "At z = 40 floating point says ŷ = 1, and the formula takes the logarithm of 0. "
    "Differentiated as it is written it fails; whence has recognised the function. "
    "The last line of each group is the same formula in 100 digits."
)

SOFTMAX = Part(
    "Softmax regression, for one sample of class c",
    "The Jacobian of the softmax, a full matrix, meets the one entry that the loss "
    "reads; a basis vector remains.",
    """\
import numpy as np
import whence

def loss(W, b, x, c):
    q = W @ x + b
    p = np.exp(q) / np.sum(np.exp(q))
    return -np.log(p[c])

W = np.array([[0.1, -0.2], [0.4, 0.3], [-0.3, 0.2]])
x = np.array([1.0, 2.0])
print(whence.explain(loss, W, np.zeros(3), x, 1))
""",
)

AT_10000 = (
    "The same program at the logits 10000, 0 and −10000, whose exponentials overflow:"
)

NETWORK = Part(
    "A network of two layers, and a batch",
    "Each row of X is a sample. The error signal of a layer, δ, is that of the layer "
    "above, taken back through its weights, times the slope of the activation; the "
    "gradient by the weights is what went into the layer times its error signal.",
    """\
import numpy as np
import whence

def loss(W1, b1, W2, b2, X, Y):
    A = X @ W1 + b1
    H = np.tanh(A)
    Q = H @ W2 + b2
    P = np.exp(Q) / np.sum(np.exp(Q), axis=1, keepdims=True)
    return -np.mean(np.sum(Y * np.log(P), axis=1))

draw = np.random.default_rng(0)
W1, b1 = draw.normal(size=(4, 5)), np.zeros(5)
W2, b2 = draw.normal(size=(5, 3)), np.zeros(3)
X, Y = draw.normal(size=(8, 4)), np.eye(3)[draw.integers(3, size=8)]
print(whence.explain(loss, W1, b1, W2, b2, X, Y, wrt=("W1", "b1", "W2", "b2")))
""",
)

TRAINING = Part(
    "Gradient descent",
    "The losses are again those of a textbook. A model is a function, its parameters "
    "a list of layers; nothing is declared.",
    """\
import numpy as np
from whence.learn import gradient_descent

def logistic(params, X, y):
    [(w, b)] = params
    y_hat = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.mean(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))

def scores(params, X):
    for n, (W, b) in enumerate(params):
        X = (np.tanh(X) if n else X) @ W + b
    return X

def softmax(params, X, Y):
    q = scores(params, X)
    p = np.exp(q) / np.sum(np.exp(q), axis=1, keepdims=True)
    return -np.mean(np.sum(Y * np.log(p), axis=1))
""",
)


@dataclass(frozen=True)
class Model:
    """A model to train.

    Attributes:
        title: What it is called.
        data: The data set of scikit-learn.
        loss: The name of its loss in the program.
        scales: Whether each column has a scale of its own.
        hidden: The sizes of its hidden layers.
        options: How it is trained.
    """

    title: str
    data: str
    loss: str
    scales: bool = False
    hidden: tuple[int, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


MODELS = (
    Model(
        "tumours, logistic regression",
        "breast_cancer",
        "logistic",
        scales=True,
        options={"steps": 200, "step": 0.5, "momentum": 0.9},
    ),
    Model(
        "digits, softmax regression",
        "digits",
        "softmax",
        options={"steps": 200, "step": 0.5, "momentum": 0.9},
    ),
    Model(
        "digits, layers of 100 and 50",
        "digits",
        "softmax",
        hidden=(100, 50),
        options={"steps": 800, "step": 0.2, "momentum": 0.9, "batch": 64},
    ),
)
IN_TRAINING = (
    "Three calls of gradient_descent(loss, params, (X, Y), …). A quarter of the rows "
    "is held back; all are scaled by the mean and the deviation of the others."
)
NO_DATA = (
    "The rows to learn from come with scikit-learn, which is not installed; after\n"
    "pip install 'whence[data]', `whence demo 5` shows this part.\n"
)

LINEAGE = Part(
    "Where a gradient came from",
    "A residual block has two ways from x to its output: the input is passed on, and "
    "it is transformed. Each path's share is what arrived along it, and together they "
    "are the gradient, before anything cancels between them.",
    """\
import numpy as np
import whence

def block(x, w, v):
    h = np.tanh(w * x)
    y = x + v * h
    return y**2

print(whence.explain(block, 1.0, 0.5, 2.0, level="brief"))
""",
)

NUMBERS = Part(
    "Automatic differentiation of plain Python",
    "Loops, branches and slices need no rewriting. All of it nests: the Hessian is "
    "forward mode over reverse mode.",
    """\
import numpy as np
import whence

def energy(x):
    total = 0.0
    for a, b in zip(x[:-1], x[1:]):
        stretch = b - a - 1
        total += np.cosh(stretch) if stretch > 0 else stretch**2
    return total + np.sum(np.sin(x) ** 2)

x = np.array([0.0, 1.5, 2.0, 3.2])
v = np.array([1.0, -1.0, 0.5, 2.0])
print("gradient")
print(whence.grad(energy)(x).round(6))
print("Hessian")
print(whence.hessian(energy)(x).round(6))
""",
)

AGREEMENT = "First and second derivatives along v, each found in three ways:"
