"""The ways in which a user's program becomes a graph, one module each.

Plain Python over NumPy needs none of them: its operations write the graph themselves.
Here is what is written in another language, such as ``formula``.
"""
