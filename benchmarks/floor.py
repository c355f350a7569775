"""The floor: the matrix products and the elementwise work of an LSTM, and nothing else.

Both are done on arrays that lie ready, into arrays that lie ready; elementwise
work is done for all steps at once. No loop of Python's costs, no memory is
asked for. What an implementation takes beyond that is its own.
"""

import numpy as np


def floor(T, B, D, H, dtype, rng):
    """Return two functions, forward and forward + backward, that do only the work itself."""
    x, h, hx, dz = (rng.normal(size=(T, B, n)).astype(dtype) for n in (D, H, H + D, 4 * H))
    W_x, W_h = (rng.normal(size=(4 * H, n)).astype(dtype) for n in (D, H))
    W_hT = np.ascontiguousarray(W_h.T)
    z, recurrent = np.empty_like(dz), np.empty((B, 4 * H), dtype)
    dx, dh, dW = np.empty_like(x), np.empty((B, H), dtype), np.empty((4 * H, H + D), dtype)
    state, other = h.copy(), h.copy()
    x_rows, hx_rows, dz_rows, z_rows, dx_rows = (a.reshape(T * B, -1) for a in (x, hx, dz, z, dx))

    def multiply_states(times):
        for _ in range(times):
            np.multiply(h, other, out=state)

    def forward():
        np.dot(x_rows, W_x.T, out=z_rows)
        for h_t in h:
            np.dot(h_t, W_hT, out=recurrent)
        np.add(dz, dz, out=z)  # the input's and the state's share
        np.exp(dz, out=z)
        np.add(dz, 1, out=z)
        np.reciprocal(dz, out=z)
        for _ in range(2):  # of the candidate and the cell state
            np.tanh(h, out=state)
        multiply_states(4)  # f c, i c̃, their sum, o tanh(c)

    def backward():
        multiply_states(15)  # three for ∂/∂z of f, i, c̃ and o, three for ∂h/∂c
        multiply_states(8)  # on the way back: four for dz, three for dc, one for dh
        for dz_t in dz:
            np.dot(dz_t, W_h, out=dh)
        np.dot(dz_rows, W_x, out=dx_rows)
        np.dot(dz_rows.T, hx_rows, out=dW)
        dz_rows.sum(axis=0)

    return forward, lambda: (forward(), backward())
