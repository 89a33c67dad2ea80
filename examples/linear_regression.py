"""Linear regression by gradient descent, beside the exact solution.

The data are 442 people with diabetes: ten measurements of each, and how far the illness
went within a year. Every fifth row is held back to test the fit.
"""

import numpy as np
from sklearn.datasets import load_diabetes

import whence
from whence.learn import gradient_descent


def loss(params, X, y):
    w, b = params
    y_hat = X @ w + b
    return np.mean((y_hat - y) ** 2)


def load():
    X, y = load_diabetes(return_X_y=True)
    held_back = np.arange(len(X)) % 5 == 0
    mean, scale = X[~held_back].mean(axis=0), X[~held_back].std(axis=0)
    X = (X - mean) / scale
    return X[~held_back], y[~held_back], X[held_back], y[held_back]


def main():
    X, y, X_test, y_test = load()
    start = (np.zeros(X.shape[1]), 0.0)
    print(whence.explain(loss, start, X, y))

    fit = gradient_descent(
        loss, start, (X, y), steps=2000, step=0.1, momentum=0.9, tolerance=1e-6
    )
    w, b = fit.params
    exact, *_ = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y)

    print(f"\nAfter {fit.steps} steps the mean squared error is {fit.loss:.4f}.\n")
    print("            by descent     exactly")
    names = load_diabetes().feature_names
    for name, found, true in zip([*names, "b"], [*w, b], exact, strict=True):
        print(f"  {name:4} {found:15.6f} {true:11.6f}")

    rest = np.sum((X_test @ w + b - y_test) ** 2)
    explained = 1 - rest / np.sum((y_test - y_test.mean()) ** 2)
    print(f"\nOn the rows held back it explains {explained:.0%} of the variance.")
    return float(np.max(np.abs([*w, b] - exact)))


if __name__ == "__main__":
    main()
