# Each target sets up what it needs, in .venv; `make PYTHON=python3.12 test` chooses.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup demo test check format golden docs bench derivations size
help: ## explain these targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup: .venv/tools ## install whence, its tests and its tools into .venv
demo: .venv/ready ## see whence at work
	@$(BIN)/whence demo
test: .venv/ready ## run all tests
	$(BIN)/pytest -n auto
check: .venv/tools ## lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
format: .venv/tools ## format, and fix what can be fixed safely
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
golden: .venv/ready ## rewrite the golden texts; review the diff
	$(BIN)/pytest tests/golden tests/test_docs.py --rewrite-golden
docs: .venv/ready ## run everything that the documentation shows
	$(BIN)/pytest -n auto tests/test_docs.py
bench: .venv/ready ## measure
	$(BIN)/python -m benchmarks
derivations: .venv/ready ## score derivations of solved problems
	$(BIN)/python -m benchmarks.derivations --table benchmarks/RESULTS.md
size: ## count the lines of each file
	@find src -name '*.py' | xargs wc -l | sort -n

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@
.venv/tools: .venv/ready
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@
