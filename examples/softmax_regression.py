"""Softmax regression: which of ten digits is it?

The data are 1797 handwritten digits of 8 by 8 pixels. The softmax is written as in a
textbook, with nothing done against overflow: the derivation recognises it.
"""

import numpy as np
from sklearn.datasets import load_digits

import whence
from whence.learn import gradient_descent


def predict(params, X):
    W, b = params
    q = X @ W + b
    return np.exp(q) / np.sum(np.exp(q), axis=1, keepdims=True)


def loss(params, X, Y):
    p = predict(params, X)
    return -np.mean(np.sum(Y * np.log(p), axis=1))


def load():
    """Pixels from 0 to 1 and digits, and a fifth of them held back."""
    X, digits = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    test, train = np.split(order, [len(X) // 5])
    return X[train] / 16, digits[train], X[test] / 16, digits[test]


def main():
    X, digits, X_test, digits_test = load()
    Y = np.eye(10)[digits]  # one row per picture, with a one at its digit
    start = (np.zeros((64, 10)), np.zeros(10))
    print(whence.explain(loss, start, X, Y))

    fit = gradient_descent(loss, start, (X, Y), steps=300, step=0.5, momentum=0.9)
    found = predict(fit.params, X_test).argmax(axis=1)
    accuracy = np.mean(found == digits_test)

    print(f"\nIn {fit.steps} steps the loss went from {fit.losses[0]:.4f}", end=" ")
    print(f"to {fit.loss:.4f}.\n\n  digit   held back   right")
    for digit in range(10):
        right = found[digits_test == digit] == digit
        print(f"  {digit:5} {len(right):11} {np.sum(right):7}")
    print(f"\n{accuracy:.1%} of {len(found)} pictures held back are right.")
    return float(accuracy)


if __name__ == "__main__":
    main()
