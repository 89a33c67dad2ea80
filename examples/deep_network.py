"""A network of any depth, x_{n+1} = f_n(W_n x_n + b_n), on handwritten digits.

Each row of ``x`` is a sample, so a layer is ``f(x @ W + b)``. The last one gives
scores, and their softmax the probability of each digit.

    python examples/deep_network.py              hidden layers of 128 and 64
    python examples/deep_network.py 64 64 64     three hidden layers of 64
"""

import sys

import numpy as np
from sklearn.datasets import load_digits

import whence
from whence.learn import dense, gradient_descent


def network(params, x):
    for n, (W, b) in enumerate(params, 1):
        x = x @ W + b
        if n < len(params):
            x = np.maximum(x, 0)
    return x


def loss(params, X, Y):
    q = network(params, X)
    p = np.exp(q) / np.sum(np.exp(q), axis=1, keepdims=True)
    return -np.mean(np.sum(Y * np.log(p), axis=1))


def load(dtype):
    """Pixels from -1 to 1 and digits, and a fifth of them held back."""
    X, digits = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    test, train = np.split(order, [len(X) // 5])
    X = (X / 8 - 1).astype(dtype)
    return X[train], digits[train], X[test], digits[test]


def main(hidden=(128, 64), dtype=np.float32, method="adam", step=2e-3, epochs=30):
    X, digits, X_test, digits_test = load(dtype)
    Y = np.eye(10, dtype=dtype)[digits]
    params = dense([64, *hidden, 10], seed=0, dtype=dtype)
    print(whence.explain(loss, params, X, Y))

    batch = 64
    a_epoch = -(-len(X) // batch)  # steps that show each row once
    print("\n  epoch     loss   held back")

    def report(fit):
        if fit.steps % (5 * a_epoch) == 0 and fit.stopped == "running":
            right = network(fit.last, X_test).argmax(axis=1) == digits_test
            print(f"  {fit.steps // a_epoch:5} {fit.loss:8.4f} {right.mean():11.1%}")

    fit = gradient_descent(
        loss,
        params,
        (X, Y),
        steps=epochs * a_epoch,
        step=step,
        method=method,
        batch=batch,
        callback=report,
    )
    accuracy = np.mean(network(fit.params, X_test).argmax(axis=1) == digits_test)
    numbers = sum(W.size + b.size for W, b in params)
    print(f"\n{len(params)} layers, {numbers} parameters: {accuracy:.1%} are right.")
    return float(accuracy)


if __name__ == "__main__":
    main(hidden=[int(size) for size in sys.argv[1:]] or (128, 64))
