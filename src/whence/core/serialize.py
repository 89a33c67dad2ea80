"""A graph as text, and back: what the explorer reads, and what can be kept in a file.

    to_json(graph) -> text        from_json(text) -> graph

The text is JSON with a version. Avals, places and origins are written once each and
referred to by number, so that a derivative of many lines stays small. Numbers come back
by their bits, and sizes with their names; a place comes back as what it shows, without
the frames behind it. An operation is written by its name, so both sides must know it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from math import isfinite
from types import EllipsisType
from typing import Any

import numpy as np

from whence.core.aval import Aval
from whence.core.errors import TraceError
from whence.core.graph import Atom, Equation, Graph, Later, Literal, Origin, Value
from whence.core.primitive import PRIMITIVES
from whence.core.size import Measure, Size, Sized, plain
from whence.core.source import Place

FORMAT = "whence graph"
VERSION = 1


def to_json(graph: Graph) -> str:
    """Write a graph as JSON text.

    Raises:
        TraceError: If a param is of a kind that cannot be written.
    """
    writer = Writer()
    writer.graph_number(graph)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "avals": writer.avals,
        "places": writer.places,
        "origins": writer.origins,
        "graphs": writer.graphs,
    }
    return json.dumps(document, allow_nan=False, ensure_ascii=False)


def from_json(text: str) -> Graph:
    """Read a graph that ``to_json`` has written.

    Raises:
        TraceError: If the text is none, is of another version, or names an operation
            that is not known here.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise TraceError(f"the text is no JSON: {error}", remedy=WRITTEN) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise TraceError("the text holds no graph", remedy=WRITTEN)
    if document["version"] != VERSION:
        raise TraceError(
            f"the graph is of version {document['version']}, and this reads {VERSION}",
            remedy="write it again with this release",
        )
    return Reader(document).graph(0)


WRITTEN = "a text that to_json has written"

# --------------------------------------------------------------------- writing


@dataclass
class Writer:
    """A document being written: each table holds what is referred to by number."""

    avals: list[Any] = field(default_factory=list)
    places: list[Any] = field(default_factory=list)
    origins: list[Any] = field(default_factory=list)
    graphs: list[Any] = field(default_factory=list)
    _numbers: dict[Hashable, tuple[int, Any]] = field(default_factory=dict)

    def number(
        self, table: list[Any], key: Hashable, kept: Any, write: Callable[[], Any]
    ) -> int:
        """The number of something in a table, where it is written if it is new.

        Args:
            table: Where.
            key: What makes it the same.
            kept: Held on to while the document is written, if the key is an identity.
            write: What to write; called after the place is taken.
        """
        if key not in self._numbers:
            self._numbers[key] = len(table), kept
            table.append(None)
            table[self._numbers[key][0]] = write()
        return self._numbers[key][0]

    def aval_number(self, aval: Aval) -> int:
        """The number of an aval; sizes of other names are other avals."""
        key = "aval", repr(aval.shape), aval
        return self.number(self.avals, key, aval, lambda: self.aval(aval))

    def aval(self, aval: Aval) -> Any:
        """An aval."""
        shape = [self.content(n) for n in aval.shape]
        return {"shape": shape, "dtype": aval.dtype.name, "weak": aval.weak}

    def place_number(self, place: Place) -> int:
        """The number of a place."""
        key = "place", id(place)
        shown = {"text": str(place), "scope": list(place.scope)}
        return self.number(self.places, key, place, lambda: shown)

    def origin_number(self, origin: Origin) -> int:
        """The number of an origin; those before it are written first."""
        chain: list[Origin] = []
        step: Origin | None = origin
        while step is not None and ("origin", id(step)) not in self._numbers:
            chain.append(step)
            step = step.earlier
        for x in reversed(chain):
            before = None if x.earlier is None else self._known(x.earlier)
            line = [x.rule, self.place_number(x.where), before]
            self._numbers["origin", id(x)] = len(self.origins), x
            self.origins.append(line)
        return self._known(origin)

    def _known(self, origin: Origin) -> int:
        return self._numbers["origin", id(origin)][0]

    def graph_number(self, graph: Graph) -> int:
        """The number of a graph; one that refers to itself does so by its number."""
        key = "graph", id(graph)
        return self.number(self.graphs, key, graph, lambda: self.graph(graph))

    def graph(self, graph: Graph) -> Any:
        """A graph: its values in order, and its lines over their numbers."""
        ids = {value: i for i, value in enumerate(graph.values())}
        return {
            "values": [
                [self.aval_number(x.aval), graph.names.get(x)] for x in graph.values()
            ],
            "inputs": len(graph.inputs),
            "equations": [self.equation(e, ids) for e in graph.equations],
            "outputs": [self.atom(y, ids) for y in graph.outputs],
        }

    def equation(self, equation: Equation, ids: dict[Value, int]) -> Any:
        """A line of a graph."""
        return {
            "primitive": equation.primitive.name,
            "operands": [self.atom(x, ids) for x in equation.operands],
            "results": [ids[y] for y in equation.results],
            "origin": self.origin_number(equation.origin),
            "params": {k: self.content(v) for k, v in equation.params.items()},
        }

    def atom(self, atom: Atom, ids: dict[Value, int]) -> Any:
        """A value by its number, a literal as it is."""
        if isinstance(atom, Value):
            return ids[atom]
        return {
            "literal": self.content(atom.number),
            "aval": self.aval_number(atom.aval),
        }

    def content(self, x: Any) -> Any:
        """A number or a param: as it is where JSON has it, else tagged by its kind."""
        match x:
            case Sized():
                made = [self.content(part) for part in (plain(x), x.name, x.made)]
                return {"size" if isinstance(x, Size) else "measure": made}
            case Graph():
                return {"graph": self.graph_number(x)}
            case Later():
                assert x.graph is not None, "a graph is written before its end"
                return {"later": self.graph_number(x.graph)}
            case np.generic():
                return {"scalar": [x.dtype.name, self.content(x.item())]}
            case None | bool() | int() | str():
                return x
            case float():
                return float(x) if isfinite(x) else {"float": repr(float(x))}
            case complex():
                return {"complex": [self.content(x.real), self.content(x.imag)]}
            case tuple():
                return {"tuple": [self.content(part) for part in x]}
            case list():
                return [self.content(part) for part in x]
            case dict():
                pairs = x.items()
                return {"dict": [[self.content(k), self.content(v)] for k, v in pairs]}
            case slice():
                return {"slice": [self.content(i) for i in (x.start, x.stop, x.step)]}
            case EllipsisType():
                return {"ellipsis": []}
            case np.ndarray() if x.dtype.kind in "biufc":
                entries = [self.content(entry) for entry in x.ravel().tolist()]
                return {"array": [x.dtype.name, list(x.shape), entries]}
            case np.dtype():
                return {"dtype": x.name}
        raise TraceError(
            f"a param of type {type(x).__name__} cannot be written as JSON",
            remedy="numbers, texts, tuples, arrays and graphs as params",
        )


# --------------------------------------------------------------------- reading


class Reader:
    """A document being read."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.avals = [
            Aval(
                tuple(self.content(n) for n in x["shape"]),
                np.dtype(x["dtype"]),
                x["weak"],
            )
            for x in document["avals"]
        ]
        self.places = [
            Place(text=x["text"], functions=tuple(x["scope"]))
            for x in document["places"]
        ]
        self.origins: list[Origin] = []
        for rule, where, before in document["origins"]:
            earlier = None if before is None else self.origins[before]
            self.origins.append(Origin(rule, self.places[where], earlier))
        self.graphs: dict[int, Graph] = {}
        self.waiting: dict[int, Later] = {}

    def graph(self, number: int) -> Graph:
        """The graph of a number."""
        if number not in self.graphs:
            self.graphs[number] = self.read(self.document["graphs"][number])
        return self.graphs[number]

    def read(self, written: dict[str, Any]) -> Graph:
        """A graph from what was written of it."""
        pairs = written["values"]
        values = [Value(self.avals[aval]) for aval, _ in pairs]
        names = {x: name for x, (_, name) in zip(values, pairs, strict=True) if name}

        def atom(x: Any) -> Atom:
            if isinstance(x, int):
                return values[x]
            return Literal(self.content(x["literal"]), self.avals[x["aval"]])

        equations = []
        for line in written["equations"]:
            name = line["primitive"]
            if name not in PRIMITIVES:
                raise TraceError(
                    f"the graph uses {name!r}, an operation that is not known here",
                    remedy="import what defines it before reading the graph",
                )
            equations.append(
                Equation(
                    PRIMITIVES[name],
                    tuple(map(atom, line["operands"])),
                    tuple(values[y] for y in line["results"]),
                    self.origins[line["origin"]],
                    {k: self.content(v) for k, v in line["params"].items()},
                )
            )
        inputs = tuple(values[: written["inputs"]])
        outputs = tuple(map(atom, written["outputs"]))
        return Graph(inputs, tuple(equations), outputs, names)

    def content(self, x: Any) -> Any:
        """A number or a param from what was written of it."""
        if isinstance(x, list):
            return [self.content(part) for part in x]
        if not isinstance(x, dict):
            return x
        ((kind, body),) = x.items()
        match kind:
            case "graph":
                return self.graph(body)
            case "later":
                return self.later(body)
            case "float":
                return float(body)
            case "dtype":
                return np.dtype(body)
            case "ellipsis":
                return ...
        parts = [self.content(part) for part in body]
        match kind:
            case "size":
                return Size(*parts)
            case "measure":
                return Measure(*parts)
            case "scalar":
                return np.dtype(parts[0]).type(parts[1])
            case "complex":
                return complex(*parts)
            case "tuple":
                return tuple(parts)
            case "dict":
                return dict(parts)
            case "slice":
                return slice(*parts)
            case "array":
                return np.array(parts[2], parts[0]).reshape(parts[1])
        raise TraceError(f"the graph holds a {kind!r}", remedy=WRITTEN)

    def later(self, number: int) -> Later:
        """The place of a graph that may be read only now."""
        if number not in self.waiting:
            place = self.waiting[number] = Later()
            place.graph = self.graph(number)
        return self.waiting[number]
