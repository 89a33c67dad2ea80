"""Graph to graph with its proof: terms, named rules, and a search over them."""
