"""The parameters of an LSTM and of a vanilla RNN."""

import numpy as np

from lstm_ref._arrays import as_float, check_shapes


class _Params:
    """Weights ``W`` (n H, H + D) on the stacked input, biases ``b`` (n H,), n blocks of H rows."""

    blocks = 1

    def __init__(self, W, b):
        W, b = as_float(W), as_float(b)
        rows = "H" if self.blocks == 1 else f"{self.blocks}H"
        check_shapes(W=(W, f"{rows} H+D"))
        H, remainder = divmod(W.shape[0], self.blocks)
        if remainder or W.shape[1] < H:
            raise ValueError(f"W: expected shape ({rows}, H+D), got {W.shape}")
        check_shapes({rows: W.shape[0]}, b=(b, rows))
        self.W, self.b = W, b

    @property
    def hidden_size(self):
        return self.W.shape[0] // self.blocks

    @property
    def input_size(self):
        return self.W.shape[1] - self.hidden_size

    @property
    def W_h(self):
        """The columns of `W` that act on h_{t-1}, (n H, H); a view."""
        return self.W[:, : self.hidden_size]

    @property
    def W_x(self):
        """The columns of `W` that act on x_t, (n H, D); a view."""
        return self.W[:, self.hidden_size :]

    def __repr__(self):
        return (
            f"{type(self).__name__}(input_size={self.input_size}, "
            f"hidden_size={self.hidden_size}, dtype={self.W.dtype})"
        )


def _block(name, k):
    """Return a property: the `k`-th block of H rows of the attribute `name`, a view."""

    def rows(self):
        H = self.hidden_size
        return getattr(self, name)[k * H : (k + 1) * H]

    return property(rows)


class LSTMParams(_Params):
    """Weights and biases of one LSTM layer.

    A gate's weights act on the stacked input [h_{t-1}, x_t], as in
    ``hx @ W_f.T + b_f``. Read them, or write to them in place, under their names.
    Float arrays are kept as they are, not copied.

    Parameters
    ----------
    W : array_like, shape (4 H, H + D)
        The four weights one below the other in PyTorch's order: i, f, c̃
        (PyTorch calls it g), o. Only this class needs to know it; `from_gates`
        takes them by name.
    b : array_like, shape (4 H,)
        The four biases in the same order.

    Attributes
    ----------
    W_f, W_i, W_c, W_o : ndarray, shape (H, H + D)
        Weights of the forget gate, input gate, candidate and output gate: views of `W`.
    b_f, b_i, b_c, b_o : ndarray, shape (H,)
        Their biases: views of `b`.
    W, b : ndarray
        All of them, packed.
    W_h, W_x : ndarray, shapes (4 H, H) and (4 H, D)
        The columns of `W` that act on h_{t-1} and on x_t: views.
    input_size, hidden_size : int
        D and H.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    """

    blocks = 4
    W_i, W_f, W_c, W_o = (_block("W", k) for k in range(4))
    b_i, b_f, b_c, b_o = (_block("b", k) for k in range(4))

    @classmethod
    def from_gates(cls, *, W_f, W_i, W_c, W_o, b_f, b_i, b_c, b_o):
        """Pack the weights (H, H + D) and biases (H,) of gates and candidate; they are copied.

        Raises
        ------
        ValueError
            If the shapes do not fit together.
        """
        weights = {"W_i": W_i, "W_f": W_f, "W_c": W_c, "W_o": W_o}
        biases = {"b_i": b_i, "b_f": b_f, "b_c": b_c, "b_o": b_o}
        weights = {name: as_float(W) for name, W in weights.items()}
        biases = {name: as_float(b) for name, b in biases.items()}
        check_shapes(
            **{name: (W, "H H+D") for name, W in weights.items()},
            **{name: (b, "H") for name, b in biases.items()},
        )
        return cls(np.concatenate(list(weights.values())), np.concatenate(list(biases.values())))

    @classmethod
    def init(cls, input_size, hidden_size, rng, forget_bias=1.0, dtype=float):
        """Draw parameters to start training from.

        Parameters
        ----------
        input_size, hidden_size : int
            D and H.
        rng : numpy.random.Generator
        forget_bias : float
            Value of every b_f; the other biases are 0. With 1, f starts near
            σ(1) = 0.73 and the cell state fades slowly enough to learn from
            (Jozefowicz, Zaremba and Sutskever, "An Empirical Exploration of
            Recurrent Network Architectures", ICML 2015).
        dtype : dtype

        Returns
        -------
        LSTMParams
            Weights uniform in ±1/√H, as PyTorch draws them.
        """
        W = _uniform(rng, 4 * hidden_size, input_size, hidden_size)
        params = cls(W.astype(dtype), np.zeros(4 * hidden_size, dtype))
        params.b_f[...] = forget_bias
        return params


class RNNParams(_Params):
    """Weights and bias of a vanilla RNN, h_t = tanh(W [h_{t-1}, x_t] + b).

    Attributes and errors as in `LSTMParams`, with one block of H rows and no names for blocks.

    Parameters
    ----------
    W : array_like, shape (H, H + D)
    b : array_like, shape (H,)
    """

    @classmethod
    def init(cls, input_size, hidden_size, rng, spectral_radius=1.0, dtype=float):
        """Draw parameters to start training from, with other arguments as in `LSTMParams.init`.

        Parameters
        ----------
        spectral_radius : float
            Largest absolute eigenvalue of the recurrent weights, to which a
            normal draw is scaled.

        Returns
        -------
        RNNParams
            Input weights uniform in ±1/√H, bias 0.
        """
        W = _uniform(rng, hidden_size, input_size, hidden_size)
        W_h = rng.standard_normal((hidden_size, hidden_size))
        W_h *= spectral_radius / abs(np.linalg.eigvals(W_h)).max(initial=0)
        W[:, :hidden_size] = W_h
        return cls(W.astype(dtype), np.zeros(hidden_size, dtype))


def _uniform(rng, rows, input_size, hidden_size):
    bound = 1 / np.sqrt(hidden_size)
    return rng.uniform(-bound, bound, (rows, hidden_size + input_size))
