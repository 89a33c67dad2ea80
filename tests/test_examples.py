"""Each example keeps the promise of its docstring, and shows the derivation first."""

import importlib.util
from pathlib import Path

import nbformat
import numpy as np
import pytest

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def example(name):
    """The module of an example, loaded from its file."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_composite_has_the_slope_of_the_textbook(capsys):
    assert example("composite").main() == 300.0
    assert "6x" in capsys.readouterr().out


def test_linear_regression_reaches_the_exact_solution():
    assert example("linear_regression").main() < 1e-3


def test_logistic_regression_is_right_on_the_rows_held_back(capsys):
    assert example("logistic_regression").main() >= 0.97
    assert "ŷ" in capsys.readouterr().out.split("accuracy")[0]


def test_softmax_regression_is_right_on_the_rows_held_back():
    assert example("softmax_regression").main() >= 0.95


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"dtype": np.float64},
        {"hidden": (64, 64, 64, 64)},
        {"method": "gradient", "step": 0.1},
    ],
    ids=["float32", "float64", "five layers", "plain gradient"],
)
def test_a_deep_network_is_right_on_the_rows_held_back(options):
    assert example("deep_network").main(**options) >= 0.97


def test_the_derivation_of_a_network_ends_in_the_gradients_of_its_layers(capsys):
    example("deep_network").main(dtype=np.float64, epochs=1)
    derivation = capsys.readouterr().out.split("epoch")[0]
    assert "∂loss/∂Wₗ = xₗ₋₁ᵀ δₗ" in derivation
    assert "∂loss/∂W₃ = x₂ᵀ (p − Y)/1438" in derivation


def test_the_derivation_of_a_network_in_float32_is_whole(capsys):
    example("deep_network").main(epochs=1)
    assert "checked   every line" in capsys.readouterr().out


def test_the_notebook_shows_its_results_and_nothing_of_where_it_ran():
    file = EXAMPLES / "chain_rule.ipynb"
    cells = nbformat.read(file, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert len({cell.id for cell in cells}) == len(cells)
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert "site-packages" not in file.read_text(encoding="utf-8")
