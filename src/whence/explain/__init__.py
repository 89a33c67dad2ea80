"""Graph to words: derivations as text, LaTeX, Markdown, JSON and NumPy code."""
