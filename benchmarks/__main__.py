"""Run every benchmark: `python -m benchmarks`."""

from benchmarks import derivations

if __name__ == "__main__":
    derivations.main([])
