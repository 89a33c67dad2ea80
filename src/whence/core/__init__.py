"""What a program is: avals, values, equations, graphs, primitives, builders, tracers."""
