"""Logistic regression, from the derivation of its gradient to a classifier.

The data are 569 tumours, thirty measurements of each, malignant (0) or benign (1). The
loss is written as in a textbook. Left at that it would overflow for confident rows; the
derivation recognises the sigmoid and ends in a form that cannot.
"""

import numpy as np
from sklearn.datasets import load_breast_cancer

import whence
from whence.learn import gradient_descent


def predict(params, X):
    w, b = params
    z = X @ w + b
    return 1 / (1 + np.exp(-z))


def loss(params, X, y):
    y_hat = predict(params, X)
    return -np.mean(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))


def load():
    """The rows to learn from, and a quarter held back, on the scale of the former."""
    X, y = load_breast_cancer(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    test, train = np.split(order, [len(X) // 4])
    X = (X - X[train].mean(axis=0)) / X[train].std(axis=0)
    return X[train], y[train], X[test], y[test]


def main():
    X, y, X_test, y_test = load()
    start = (np.zeros(X.shape[1]), 0.0)
    print(whence.explain(loss, start, X, y))

    fit = gradient_descent(loss, start, (X, y), steps=300, step=0.5, momentum=0.9)
    benign = predict(fit.params, X_test) > 0.5
    accuracy = np.mean(benign == y_test)

    print(f"\nIn {fit.steps} steps the loss went from {fit.losses[0]:.4f}", end=" ")
    print(f"to {fit.loss:.4f}.\nOf {len(y_test)} tumours held back:\n")
    print("                   malignant   benign")
    for truth, name in enumerate(["malignant", "benign"]):
        rows = benign[y_test == truth]
        print(f"  {name:9} taken for {np.sum(~rows):5} {np.sum(rows):8}")
    print(f"\n{accuracy:.1%} are right.")
    return float(accuracy)


if __name__ == "__main__":
    main()
