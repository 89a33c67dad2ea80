"""Measurements: how right, how short and how fast."""
