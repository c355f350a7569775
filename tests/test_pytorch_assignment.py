"""The assignment *pytorch* says what PyTorch does, and its suggestion to try it out works."""

import re

import nbformat
import numpy as np
import torch

import lstm_ref
from lstm_check.drawing import draw_params
from lstm_check.exercise import Size
from lstm_check.exercises.pytorch import from_state_dict, to_state_dict
from notebooks import ROOT, cells


def test_the_reference_is_what_pytorch_keeps():
    params = draw_params(np.random.default_rng(0), Size(T=1, B=1, D=3, H=4, scale=1.0))
    module = lstm_ref.to_torch(lstm_ref.LSTMParams.from_gates(**params))
    state = {name: p.detach().numpy() for name, p in module.named_parameters()}
    assert state.keys() == to_state_dict(params).keys()
    for name, array in to_state_dict(params).items():
        assert np.array_equal(array, state[name])
    for name, array in from_state_dict(state).items():
        assert np.array_equal(array, params[name])


def test_what_can_be_seen_is_the_same_network(capsys):
    given, _ = cells("pytorch")
    namespace = {}
    for code in given:
        exec(code, namespace)
    capsys.readouterr()
    notebook = nbformat.read(ROOT / "exercises/pytorch/pytorch.ipynb", 4)
    (see,) = (cell.source for cell in notebook.cells if cell.id == "see")
    torch.manual_seed(0)
    exec(see, namespace)
    off = re.search(r"differ by (\S+):", capsys.readouterr().out)
    assert float(off[1]) < 1e-14
