"""Parameters from and to PyTorch: the only module that imports torch, and only when called."""

import numpy as np

from lstm_ref.params import LSTMParams


def from_torch(module):
    """Copy the parameters of a `torch.nn.LSTM`.

    PyTorch keeps two biases, ``bias_ih_l0`` and ``bias_hh_l0``, and only ever
    adds them up; the copy holds their sum.

    Parameters
    ----------
    module : torch.nn.LSTM
        One layer, one direction, no projection. ``bias=False`` gives zeros.

    Returns
    -------
    LSTMParams
        In the dtype of the module, detached from it.

    Raises
    ------
    TypeError
        If `module` is not a `torch.nn.LSTM`.
    ValueError
        If it has several layers, two directions or a projection.
    """
    import torch

    if not isinstance(module, torch.nn.LSTM):
        raise TypeError(f"module: expected a torch.nn.LSTM, got {type(module).__name__}")
    for option, expected in {"num_layers": 1, "bidirectional": False, "proj_size": 0}.items():
        given = getattr(module, option)
        if given != expected:
            raise ValueError(f"module: expected an LSTM with {option}={expected}, got {given}")

    weights = {name: p.detach().cpu().numpy() for name, p in module.named_parameters()}
    W = np.concatenate([weights["weight_hh_l0"], weights["weight_ih_l0"]], axis=1)
    b = weights["bias_hh_l0"] + weights["bias_ih_l0"] if module.bias else np.zeros_like(W[:, 0])
    return LSTMParams(W, b)


def to_torch(params):
    """Make a `torch.nn.LSTM` with the given parameters.

    Parameters
    ----------
    params : LSTMParams
        Real.

    Returns
    -------
    torch.nn.LSTM
        In the dtype of `params`, time-major as everything here. The bias is
        in ``bias_ih_l0``; ``bias_hh_l0`` is zero.

    Raises
    ------
    ValueError
        If `params` is complex.
    """
    import torch

    dtype = np.result_type(params.W, params.b)
    if np.issubdtype(dtype, np.complexfloating):
        raise ValueError(f"params: expected real weights and biases, got {dtype}")
    W_x, W_h, b = (torch.tensor(a.astype(dtype)) for a in (params.W_x, params.W_h, params.b))
    module = torch.nn.LSTM(params.input_size, params.hidden_size, dtype=W_x.dtype)
    with torch.no_grad():
        module.weight_ih_l0.copy_(W_x)
        module.weight_hh_l0.copy_(W_h)
        module.bias_ih_l0.copy_(b)
        module.bias_hh_l0.zero_()
    return module
