"""Graph to graph: forward mode, transposition, and what is made of them."""
