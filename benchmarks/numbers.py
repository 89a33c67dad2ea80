"""Numbers for expression trees, with NumPy and SciPy alone: what each operation means.

    number_of({"op": "mul", "args": [{"number": 2}, {"name": "x"}]}, {"x": 3.0})  ->  6

OPERATIONS says of each operation what it does, as an expression over its arguments
``a``, ``b``, ``c`` (or all of ``args``) and its params. It is the table of
docs/json.md, and nothing of whence is imported to read it.
"""

import numpy as np
import scipy.special

AXES = "axis=axis, keepdims=keepdims"
OPERATIONS = {
    "add": "np.add(a, b)",
    "sub": "np.subtract(a, b)",
    "mul": "np.multiply(a, b)",
    "div": "np.divide(a, b)",
    "neg": "np.multiply(-1, a)",
    "power": "np.float_power(a, b)",
    "mod": "np.mod(a, b)",
    "polynomial": "np.polynomial.polynomial.polyval(a, coefficients)",
    "fmod": "np.fmod(a, b)",
    "floor_divide": "np.floor_divide(a, b)",
    **{
        name: f"np.{name}(a)"
        for name in [
            "sqrt",
            "cbrt",
            "abs",
            "sign",
            "exp",
            "log",
            "exp2",
            "expm1",
            "log1p",
            "log2",
            "log10",
            "sin",
            "cos",
            "tan",
            "arcsin",
            "arccos",
            "arctan",
            "sinh",
            "cosh",
            "tanh",
            "sinc",
            "arcsinh",
            "arccosh",
            "arctanh",
            "floor",
            "ceil",
            "trunc",
            "rint",
            "isfinite",
            "isinf",
            "isnan",
            "signbit",
            "invert",
        ]
    },
    **{
        name: f"np.{name}(a, b)"
        for name in [
            "logaddexp",
            "arctan2",
            "hypot",
            "maximum",
            "minimum",
            "less",
            "less_equal",
            "greater",
            "greater_equal",
            "equal",
            "not_equal",
            "bitwise_and",
            "bitwise_or",
            "bitwise_xor",
        ]
    },
    "select": "np.where(a, b, c)",
    "clip": "np.clip(a, b, c)",
    "indicator": "np.where(a, 1.0, 0.0)",
    "sigmoid": "scipy.special.expit(a)",
    "log_sigmoid": "scipy.special.log_expit(a)",
    "softplus": "np.logaddexp(a, 0)",
    "relu": "np.maximum(a, 0)",
    "silu": "a * scipy.special.expit(a)",
    "gelu": "a * scipy.special.ndtr(a)",
    **{
        name: f"scipy.special.{name}(a)"
        for name in [
            "ndtr",
            "log_ndtr",
            "erf",
            "erfc",
            "erfcx",
            "erfinv",
            "logit",
            "gammaln",
            "digamma",
        ]
    },
    "xlogy": "scipy.special.xlogy(a, b)",
    "polygamma": "scipy.special.polygamma(n, a)",
    **{
        name: f"np.{name}(a, {AXES})"
        for name in ["sum", "mean", "any", "all", "max", "min", "prod"]
    },
    "argmax": f"place_of(np.argmax, a, {AXES})",
    "argmin": f"place_of(np.argmin, a, {AXES})",
    "var": f"np.var(a, ddof=ddof, {AXES})",
    "std": f"np.std(a, ddof=ddof, {AXES})",
    "norm": f"np.hypot.reduce(a, {AXES})",
    "logsumexp": f"scipy.special.logsumexp(a, {AXES})",
    "softmax": "scipy.special.softmax(a, axis=axis)",
    "log_softmax": "scipy.special.log_softmax(a, axis=axis)",
    "cumsum": "np.flip(np.cumsum(np.flip(a, axis), axis), axis) if reverse "
    "else np.cumsum(a, axis)",
    "cumprod": "np.cumprod(a, axis)",
    "product_of_others": "others(a, axis)",
    "sort": "np.sort(a, axis)",
    "argsort": "np.argsort(a, axis, kind='stable')",
    "contract": "np.einsum(spec, a, b)",
    "transpose": "np.transpose(a, axes)",
    "reshape": "np.reshape(a, shape)",
    "broadcast": "np.broadcast_to(a, shape)",
    "convert": "np.asarray(a).astype(dtype)",
    "concatenate": "np.concatenate(args, axis)",
    "tril": "np.where(np.tri(*np.shape(a)[-2:], k), a, 0)",
    "triu": "np.where(np.tri(*np.shape(a)[-2:], k - 1), 0, a)",
    "diagonal": "np.diagonal(a, offset, -2, -1)",
    "embed_diagonal": "embedded(a, shape, offset)",
    "getitem": "np.asarray(a)[index]",
    "setitem": "replaced(a, index, b)",
    "scatter": "added(shape, index, a)",
    "one_hot": "added(shape, index, 1.0)",
    "survives": "last_put(shape, index)",
    "take_along": "np.take_along_axis(a, b, axis)",
    "scatter_along": "added_along(a, b, axis, length)",
    "inv": "np.linalg.inv(a)",
    "det": "np.linalg.det(a)",
    "logabsdet": "np.linalg.slogdet(a)[1]",
    "signdet": "np.linalg.slogdet(a)[0]",
    "solve": "solved(a, b)",
    "cholesky": "np.linalg.cholesky(a)",
}

# entries are moved here and none is made: these are no operations when they are counted
FREE = (
    "transpose",
    "broadcast",
    "convert",
    "reshape",
    "getitem",
    "one_hot",
    "indicator",
)


def added(shape, index, values):
    """Zeros of a shape, with values added at an index."""
    whole = np.zeros(shape, np.asarray(values).dtype)
    np.add.at(whole, index, values)
    return whole


def added_along(values, places, axis, length):
    """Zeros, with values added at places along an axis."""
    shape = list(np.shape(values))
    shape[axis] = length
    where = list(np.indices(np.shape(values), sparse=True))
    where[axis] = places
    return added(shape, tuple(where), values)


def others(a, axis):
    """For each entry the product of all others along axes."""
    last = tuple(range(-len(axis), 0))
    turned = np.moveaxis(np.asarray(a), axis, last)
    rows = turned.reshape(*turned.shape[: turned.ndim - len(axis)], -1)
    each = [np.prod(np.delete(rows, i, -1), -1) for i in range(rows.shape[-1])]
    return np.moveaxis(np.stack(each, -1).reshape(turned.shape), last, axis)


def replaced(whole, index, values):
    """A copy of an array with values at an index."""
    whole = np.array(whole)
    whole[index] = values
    return whole


def last_put(shape, index):
    """For each entry that an index puts, whether no later one is put over it."""
    places = np.full(shape, -1)
    order = np.arange(places[index].size).reshape(places[index].shape)
    places[index] = order
    return places[index] == order


def embedded(values, shape, offset):
    """Zeros, with values on a diagonal of the last two axes."""
    whole = np.zeros((*np.shape(values)[:-1], *shape))
    i = np.arange(np.shape(values)[-1])
    whole[..., i + max(-offset, 0), i + max(offset, 0)] = values
    return whole


def place_of(find, a, axis, keepdims):
    """Where along some axes, taken as one, an array is largest or smallest."""
    rest = [i for i in range(np.ndim(a)) if i not in axis]
    shape = [1 if i in axis else n for i, n in enumerate(np.shape(a))]
    flat = np.transpose(a, (*rest, *axis)).reshape(*(np.shape(a)[i] for i in rest), -1)
    found = find(flat, axis=-1)
    return found.reshape(shape) if keepdims else found


def solved(matrix, right):
    """The solution of a linear system; the right side is one vector or a matrix."""
    if np.ndim(right) == 1:
        return np.linalg.solve(matrix, np.asarray(right)[:, None])[:, 0]
    return np.linalg.solve(matrix, right)


SPACE = {
    "np": np,
    "scipy": scipy,
    "added": added,
    "added_along": added_along,
    "others": others,
    "replaced": replaced,
    "last_put": last_put,
    "embedded": embedded,
    "place_of": place_of,
    "solved": solved,
}
COMPILED = {op: compile(text, op, "eval") for op, text in OPERATIONS.items()}


def number_of(tree, names):
    """The number of a tree, from the numbers of its names."""
    if "name" in tree:
        return names[tree["name"]]
    if "op" not in tree:
        return plain_number(tree["number"])
    args = [number_of(arg, names) for arg in tree["args"]]
    params = {k: settled(v, args) for k, v in tree.get("params", {}).items()}
    letters = dict(zip("abc", args, strict=False))
    return eval(COMPILED[tree["op"]], SPACE, {**letters, "args": args, **params})


def plain_number(x):
    """A number as JSON has it: a fraction, nan or an infinity is a text."""
    if isinstance(x, str) and "/" in x:
        above, below = x.split("/")
        return int(above) / int(below)
    return float(x) if isinstance(x, str) else x


def array_of(x):
    """The number of a value as JSON has it: nested lists are an array."""
    if isinstance(x, list):
        return np.array([array_of(part) for part in x])
    return plain_number(x)


def settled(param, args):
    """A param as NumPy takes it: lists are tuples, an index may name an argument."""
    if isinstance(param, dict):
        if "slice" in param:
            return slice(*param["slice"])
        if "size" in param:
            return param["number"]
        return np.asarray(args[param["argument"]], int)
    if isinstance(param, list):
        return tuple(settled(part, args) for part in param)
    return param


def operations(tree):
    """How many operations there are in a tree."""
    if "op" not in tree:
        return 0
    return (tree["op"] not in FREE) + sum(map(operations, tree["args"]))


def names_in(tree):
    """The names that a tree is written in."""
    if "name" in tree:
        return {tree["name"]}
    return set().union(*map(names_in, tree.get("args", [])))
