"""How arguments are drawn: by their names, which mean the same in every exercise."""

GATES = "fico"


def _hidden(rng, size):
    return rng.uniform(-1, 1, size=(size.B, size.H))


def _cell(rng, size):
    # Beyond 1, so that a forgotten tanh shows.
    return rng.normal(size=(size.B, size.H), scale=2 * size.states)


def _weights(rng, size):
    # Dense random weights: with equal or zero weights, swapped gates look right.
    # W hx and b are as large as `scale`, whatever the sizes.
    N = size.H + size.D
    return rng.normal(size=(size.H, N), scale=size.scale / N**0.5)


def _biases(rng, size):
    return rng.normal(size=size.H, scale=size.scale)


def draw_params(rng, size):
    """Return a dict of the weights W_f to W_o and the biases b_f to b_o."""
    weights = {f"W_{gate}": _weights(rng, size) for gate in GATES}
    return weights | {f"b_{gate}": _biases(rng, size) for gate in GATES}


_DRAWS = {
    "x": lambda rng, size: rng.normal(size=(size.T, size.B, size.D)),
    "x_t": lambda rng, size: rng.normal(size=(size.B, size.D)),
    "hx": lambda rng, size: rng.normal(size=(size.B, size.H + size.D)),
    "dh": lambda rng, size: rng.normal(size=(size.B, size.H)),
    "params": draw_params,
    **dict.fromkeys(("h_prev", "h0", "c_tilde"), _hidden),
    **dict.fromkeys(("c_prev", "c0"), _cell),
    **dict.fromkeys("fio", lambda rng, size: rng.uniform(size=(size.B, size.H))),
    **dict.fromkeys(("W", *(f"W_{gate}" for gate in GATES)), _weights),
    **dict.fromkeys(("b", *(f"b_{gate}" for gate in GATES)), _biases),
}


def by_name(names, own=None):
    """Return ``draw(rng, size)``, which draws arguments of these names.

    Parameters
    ----------
    names : list of str
    own : dict of callable, optional
        ``own[name](rng, size)`` draws what is not drawn as usual.
    """
    draws = {name: (own or {}).get(name) or _DRAWS[name] for name in names}
    return lambda rng, size: {name: draw(rng, size) for name, draw in draws.items()}
