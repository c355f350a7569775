"""The bridge to PyTorch: exact both ways, refuses what lstm_ref has not, and costs no import."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import lstm_ref
from lstm_ref import LSTMParams, from_torch, lstm_forward, to_torch

DTYPES = pytest.mark.parametrize(
    ("numpy_dtype", "torch_dtype"), [(np.float32, torch.float32), (np.float64, torch.float64)]
)


@DTYPES
def test_round_trip_is_exact(draw, numpy_dtype, torch_dtype):
    params = draw(D=3, H=4, dtype=numpy_dtype).params
    module = to_torch(params)
    assert isinstance(module, torch.nn.LSTM)
    assert (module.input_size, module.hidden_size) == (3, 4)
    assert {p.dtype for p in module.parameters()} == {torch_dtype}
    again = from_torch(module)
    for a, b in ((again.W, params.W), (again.b, params.b)):
        assert a.dtype == numpy_dtype
        np.testing.assert_array_equal(a, b)


@DTYPES
def test_from_torch_runs_as_the_module_does(draw, agree, numpy_dtype, torch_dtype):
    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 4, dtype=torch_dtype)
    params = from_torch(module)
    assert params.W.dtype == params.b.dtype == numpy_dtype
    x = draw(T=5, dtype=numpy_dtype).x
    with torch.no_grad():
        expected = module(torch.tensor(x))[0]
    agree(lstm_forward(x, params)[0], expected, 1e-14 if numpy_dtype is np.float64 else 1e-6)


def test_to_torch_runs_as_the_parameters_do(draw, agree):
    case = draw(T=5)
    states = [torch.tensor(s)[None] for s in (case.h0, case.c0)]
    with torch.no_grad():
        h, (h_T, c_T) = to_torch(case.params)(torch.tensor(case.x), states)
    got_h, (got_h_T, got_c_T), _ = lstm_forward(case.x, case.params, case.h0, case.c0)
    agree(got_h, h, 1e-14)
    agree(got_h_T, h_T[0], 1e-14)
    agree(got_c_T, c_T[0], 1e-14)


def test_both_bias_vectors_count():
    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 4, dtype=torch.float64)
    total = (module.bias_ih_l0 + module.bias_hh_l0).detach().numpy()
    params = from_torch(module)
    np.testing.assert_array_equal(params.b, total)
    for k, b_k in zip("ifco", np.split(total, 4), strict=True):
        np.testing.assert_array_equal(getattr(params, f"b_{k}"), b_k)


def test_the_bias_is_not_counted_twice(draw):
    module = to_torch(draw().params)
    total = (module.bias_ih_l0 + module.bias_hh_l0).detach().numpy()
    np.testing.assert_array_equal(total, draw().params.b)


def test_no_bias_gives_zeros():
    params = from_torch(torch.nn.LSTM(3, 4, bias=False))
    np.testing.assert_array_equal(params.b, np.zeros(16))
    assert params.b.dtype == np.float32


def test_batch_first_and_dropout_change_no_weight():
    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 4, batch_first=True)
    np.testing.assert_array_equal(from_torch(module).W_x, module.weight_ih_l0.detach().numpy())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"num_layers": 2}, "num_layers"),
        ({"bidirectional": True}, "bidirectional"),
        ({"proj_size": 2}, "proj_size"),
    ],
)
def test_other_architectures_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        from_torch(torch.nn.LSTM(3, 4, **options))


def test_other_modules_and_complex_parameters_are_refused(draw):
    with pytest.raises(TypeError, match=r"expected a torch\.nn\.LSTM, got GRU"):
        from_torch(torch.nn.GRU(3, 4))
    with pytest.raises(ValueError, match="params: expected real"):
        to_torch(draw(dtype=complex).params)


def test_neither_side_shares_memory(draw):
    """Training the module must not change the parameters it was made from, nor the reverse."""
    params = draw().params
    module, before = to_torch(params), params.W.copy()
    back = from_torch(module)
    with torch.no_grad():
        for p in module.parameters():
            p.zero_()
    np.testing.assert_array_equal(params.W, before)
    np.testing.assert_array_equal(back.W, before)
    assert all(p.requires_grad for p in module.parameters())


def test_importing_lstm_ref_does_not_import_torch():
    code = "import sys, lstm_ref as r; r.from_torch, r.to_torch; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_lstm_ref_imports_numpy_only():
    """Besides numpy, the standard library and itself, only the bridge imports torch."""
    importers = set()
    for path in Path(lstm_ref.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in {n.split(".")[0] for n in names} - sys.stdlib_module_names:
                assert name in {"numpy", "lstm_ref", "torch"}, f"{path.name} imports {name}"
                if name == "torch":
                    importers.add(path.name)
    assert len(importers) == 1, importers


def test_public_names():
    names = """sigmoid stack forget_gate input_gate candidate output_gate cell_state hidden_state
    LSTMParams lstm_cell lstm_forward lstm_backward from_torch to_torch RNNParams rnn_forward
    rnn_backward gradient_norms check_gradients""".split()
    assert set(names) <= set(lstm_ref.__all__)
    assert all(getattr(lstm_ref, name).__doc__ for name in names)
    assert LSTMParams.init.__doc__
    assert LSTMParams.from_gates.__doc__
