"""Are the solved problems right? Whence is not asked.

    python -m benchmarks.check_problems FILE...

The slope of each function is taken by differences in arithmetic of so many digits that
one more doubling changes nothing; the expected expression, evaluated in float64 as the
benchmark does, has to give its first twelve. The person's form has to give the same
numbers, and its number of operations is counted again: what the forward pass has names
for is free, as are transposes, slices, lengths and signs of constants.
"""

import argparse
import ast
import inspect
import json
import sys
from pathlib import Path

import numpy as np
from mpmath import mp

from benchmarks.derivations import agree, numbers, space_of

FIELDS = ["name", "group", "args", "function", "wrt", "lets", "adjoints"]
FIELDS += ["human", "human_ops", "points", "expected"]
DIGITS = (600, 1200, 2400, 4800, 9600, 19200)
FREE = {"len", "transpose", "float", "int"}


# ------------------------------------------------------------ operations


def operations(expression):
    """How many operations an expression has, as people count them."""
    return sum(map(weight, ast.walk(ast.parse(expression, mode="eval"))))


def weight(node):
    """What one part of an expression adds to the count."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return 0
        case ast.UnaryOp() | ast.BinOp() | ast.Compare():
            return 1
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return 0 if name in FREE else 1
    return 0


def human_operations(problem):
    """The operations of a person's form, with the adjoints it names."""
    steps = [text for _, text in problem["adjoints"]]
    return sum(map(operations, [*steps, problem["human"]]))


# ----------------------------------------------------- exact arithmetic


def guarded(function):
    """A function of numbers that is nan where it has no value, entry by entry."""

    def value(*numbers):
        try:
            return function(*numbers)
        except (ZeroDivisionError, ValueError):
            return mp.nan

    count = len(inspect.signature(function).parameters)
    return np.frompyfunc(value, count, 1)


def norm(x, ord=None, axis=None, keepdims=False):
    """The lengths of vectors, or of the whole array."""
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    return square_root(np.sum(x * x, axis=axis, keepdims=keepdims))


def sign_and_log(x):
    """The sign of a number, and the logarithm of its size."""
    return mp.sign(x), mp.log(abs(x))


def variance(x, axis=None, keepdims=False):
    """The mean square of what is left of the mean."""
    centred = x - np.mean(x, axis=axis, keepdims=True)
    return np.mean(centred * centred, axis=axis, keepdims=keepdims)


def deviation(x, axis=None, keepdims=False):
    """The square root of the variance."""
    return square_root(variance(x, axis, keepdims))


def objects(make):
    """A function that makes arrays, made to hold numbers of any length."""
    return staticmethod(lambda *given, **how: make(*given, **{"dtype": object, **how}))


square_root = guarded(lambda x: mp.sqrt(x))
quotient = guarded(lambda x, y: x / y)
power = guarded(lambda x, y: x**y)
GUARDED = {ast.Div: "quotient", ast.Pow: "power"}

SPECIAL = {
    "erf": guarded(lambda x: mp.erf(x)),
    "erfc": guarded(lambda x: mp.erfc(x)),
    "expit": guarded(lambda x: 1 / (1 + mp.exp(-x))),
    "logit": guarded(lambda x: mp.log(x / (1 - x))),
    "xlogy": guarded(lambda x, y: x * mp.log(y) if x else mp.zero),
    "ndtr": guarded(lambda x: mp.ncdf(x)),
    "log_ndtr": guarded(lambda x: mp.log(mp.ncdf(x))),
    "gammaln": guarded(lambda x: mp.loggamma(x)),
}


class Numbers:
    """What a function finds under the name np, in arithmetic of any length."""

    class linalg:  # noqa: N801 - NumPy's name
        """What it finds under np.linalg."""

        norm = staticmethod(norm)
        det = staticmethod(lambda a: mp.det(mp.matrix(a.tolist())))
        inv = staticmethod(lambda a: np.array((mp.matrix(a.tolist()) ** -1).tolist()))
        solve = staticmethod(lambda a, b: Numbers.linalg.inv(a) @ b)
        slogdet = staticmethod(lambda a: sign_and_log(Numbers.linalg.det(a)))

    sqrt, power, float_power = square_root, power, power
    exp = guarded(lambda x: mp.exp(x))
    exp2 = guarded(lambda x: mp.mpf(2) ** x)
    expm1 = guarded(lambda x: mp.expm1(x))
    log = guarded(lambda x: mp.log(x))
    log2 = guarded(lambda x: mp.log(x, 2))
    log10 = guarded(lambda x: mp.log(x, 10))
    log1p = guarded(lambda x: mp.log(1 + x))
    logaddexp = guarded(lambda x, y: mp.log(mp.exp(x) + mp.exp(y)))
    cbrt = guarded(lambda x: mp.sign(x) * mp.cbrt(abs(x)))
    sin = guarded(lambda x: mp.sin(x))
    cos = guarded(lambda x: mp.cos(x))
    tan = guarded(lambda x: mp.tan(x))
    arcsin = asin = guarded(lambda x: mp.asin(x))
    arccos = acos = guarded(lambda x: mp.acos(x))
    arctan = atan = guarded(lambda x: mp.atan(x))
    arctan2 = atan2 = guarded(lambda y, x: mp.atan2(y, x))
    hypot = guarded(lambda x, y: mp.sqrt(x * x + y * y))
    sinh = guarded(lambda x: mp.sinh(x))
    cosh = guarded(lambda x: mp.cosh(x))
    tanh = guarded(lambda x: mp.tanh(x))
    arcsinh = asinh = guarded(lambda x: mp.asinh(x))
    arccosh = acosh = guarded(lambda x: mp.acosh(x))
    arctanh = atanh = guarded(lambda x: mp.atanh(x))
    sinc = guarded(lambda x: mp.sincpi(x))
    deg2rad = radians = guarded(lambda x: x * (np.pi / 180))
    var, std = staticmethod(variance), staticmethod(deviation)
    reciprocal = guarded(lambda x: 1 / x)
    true_divide = divide = quotient
    array, asarray = objects(np.array), objects(np.asarray)
    zeros, zeros_like = objects(np.zeros), objects(np.zeros_like)
    ones, ones_like = objects(np.ones), objects(np.ones_like)

    def __getattr__(self, name):
        """All that NumPy can do with Python's own numbers."""
        return getattr(np, name)


class Guard(ast.NodeTransformer):
    """Divisions and powers that give nan at zero, as in branches not taken."""

    def visit_BinOp(self, node):
        """Call the guarded function in place of the operator."""
        node = self.generic_visit(node)
        name = GUARDED.get(type(node.op))
        if name is None:
            return node
        return ast.Call(ast.Name(name, ast.Load()), [node.left, node.right], [])


def exact(source):
    """The function of a source text, over numbers of any length."""
    tree = ast.parse(source)
    tree.body = [s for s in tree.body if not isinstance(s, ast.Import | ast.ImportFrom)]
    space = {"np": Numbers(), "quotient": quotient, "power": power, **SPECIAL}
    code = compile(ast.fix_missing_locations(Guard().visit(tree)), "<problem>", "exec")
    exec(code, space)
    return space["f"]


def lengthened(value):
    """An argument with each float as a number of any length; indices stay."""
    if isinstance(value, list):
        array = np.array(value)
        return array if array.dtype.kind == "i" else array * mp.one
    return mp.mpf(value) if isinstance(value, float) else value


def difference(function, point, name, index):
    """The slope by one entry: central, or one-sided at the edge of the domain."""
    values = np.array(point[name], object)
    step = mp.mpf(10) ** -(mp.dps // 10) * (abs(values[index]) or 1)

    def at(offset):
        moved = values.copy()
        moved[index] += offset
        moved = moved if values.ndim else moved.item()
        result = np.asarray(function(**{**point, name: moved}), object).item()
        return mp.nan if isinstance(result, mp.mpc) and result.imag else mp.re(result)

    central = (at(step) - at(-step)) / (2 * step)
    return (at(2 * step) - at(step)) / step if mp.isnan(central) else central


def gradient(function, point, name):
    """The slopes by all entries; beside the zeros where the function has a hole."""
    values = np.array(point[name], object)
    found = [difference(function, point, name, i) for i in np.ndindex(values.shape)]
    if not any(map(mp.isnan, found)):
        return found
    beside = np.where(values == 0, mp.mpf(10) ** -(mp.dps // 5), values)
    moved = {**point, name: beside if values.ndim else beside.item()}
    return [difference(function, moved, name, i) for i in np.ndindex(values.shape)]


def slope(problem, raw):
    """The gradient of a problem at a point, to the last digit of float64."""
    function, name = exact(problem["function"]), problem["wrt"]
    shape, last = np.shape(raw[name]), None
    for digits in DIGITS:
        with mp.workdps(digits):
            point = {k: lengthened(v) for k, v in raw.items()}
            found = gradient(function, point, name)
            if last and all(map(settled, found, last)):
                return np.array([float(v) for v in found]).reshape(shape)
        last = found
    raise ArithmeticError(f"{digits} digits do not settle the slope at {raw}")


def settled(new, old):
    """Whether twice the digits change nothing that a float64 could show."""
    return abs(new - old) <= 1e-20 * abs(new) + mp.mpf(10) ** -60


# --------------------------------------------------------------- problems


def form(problem, space, point):
    """The number of a person's form, name by name."""
    doubles = {k: np.float64(v) for k, v in point.items() if isinstance(v, float)}
    names = {**space, **point, **doubles}
    for name, text in [*problem["lets"], *problem["adjoints"]]:
        names[name] = eval(text, names)
    return eval(problem["human"], names)


def digits_agree(found, wanted):
    """Whether numbers agree to twelve digits of the largest."""
    found = np.broadcast_to(np.asarray(found, float), wanted.shape)
    return np.all(abs(found - wanted) <= 1e-12 * np.max(abs(wanted)) + 1e-90)


def faults(problem, space):
    """What is wrong with a problem, in words."""
    missing = [field for field in FIELDS if field not in problem]
    if missing:
        return [f"lacks {', '.join(missing)}"]
    found = []
    if problem["human_ops"] != human_operations(problem):
        found.append(f"human_ops is not {human_operations(problem)}")
    for raw in problem["points"]:
        found += faults_at(problem, space, raw)
    return found


def faults_at(problem, space, raw):
    """What is wrong with a problem at one of its points."""
    if list(raw) != problem["args"]:
        return [f"{raw} does not give {problem['args']}"]
    point = numbers(raw)
    try:
        wanted = slope(problem, raw)
    except ArithmeticError as error:
        return [str(error)]
    with np.errstate(all="ignore"):
        expected = eval(problem["expected"], {**space, **point})
        person = form(problem, space, point)
    found = []
    if not digits_agree(expected, wanted):
        found.append(f"expected {expected} is not {wanted} at {raw}")
    if not agree(np.broadcast_to(person, wanted.shape), wanted):
        found.append(f"the person's form gives {person}, not {wanted}, at {raw}")
    return found


def main(arguments=None):
    """Check files of problems, and print what is wrong."""
    parser = argparse.ArgumentParser(description="check files of solved problems")
    parser.add_argument("files", nargs="+", type=Path)
    wrong = 0
    for file in parser.parse_args(arguments).files:
        content = json.loads(file.read_text(encoding="utf-8"))
        space = space_of(content["helpers"])
        for problem in content["problems"]:
            for fault in faults(problem, space):
                wrong += 1
                print(f"{problem['name']}: {fault}")
        print(f"{file.name}: {len(content['problems'])} problems")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
