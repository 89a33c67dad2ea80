"""What a program is: avals, values, equations, graphs, records, builders, tracers."""
