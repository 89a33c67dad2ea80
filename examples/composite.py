"""The chain rule on (x^2 + 1)^3: how the derivative comes about, and its value at 2."""

import whence


def h(x):
    u = x**2 + 1
    return u**3


def main():
    print(whence.explain(h, 2.0))
    slope = whence.grad(h)(2.0)
    print(f"\nh(2) = {h(2.0)}, and its slope there is {slope}.")
    return slope


if __name__ == "__main__":
    main()
