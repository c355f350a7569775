"""One experiment for all chapters: what is left of a gradient on its way back in time.

Sizes, inputs and seeds are the same wherever the book shows a gradient against the lag, so that
two pages can be compared. The input is standard normal noise. A network first reads `WARM_UP`
steps, so that its memory is no longer empty, and then `T` steps, over which a random gradient is
sent back from the last state. Nothing is trained.
"""

import numpy as np

from lstm_ref import LSTMParams, RNNParams, rnn_backward, rnn_forward
from lstm_ref.fast import lstm_backward, lstm_forward

H, D, B, T, WARM_UP = 64, 4, 16, 100, 100
SEEDS = range(5)


def rnn(spectral_radius):
    """Return a start for an RNN whose recurrent weights have this spectral radius."""
    return lambda rng: RNNParams.init(D, H, rng, spectral_radius=spectral_radius)


def lstm(forget_bias, scale=1.0):
    """Return a start for an LSTM; all its weights are multiplied by `scale`, its biases not."""

    def start(rng):
        params = LSTMParams.init(D, H, rng, forget_bias=forget_bias)
        params.W[...] *= scale
        return params

    return start


def pytorch_rnn(rng):
    """Draw an RNN as ``torch.nn.RNN`` does by default: all of it uniform in ±1/√H, two biases."""
    return RNNParams(*_uniform(rng, H))


def pytorch_lstm(rng):
    """Draw an LSTM as ``torch.nn.LSTM`` does by default."""
    return LSTMParams(*_uniform(rng, 4 * H))


def _uniform(rng, rows):
    bound = 1 / np.sqrt(H)
    W = rng.uniform(-bound, bound, (rows, H + D))
    return W, rng.uniform(-bound, bound, (2, rows)).sum(axis=0)


def orthogonal_rnn(rng):
    """Draw an RNN whose recurrent weights have singular values that are all 1."""
    params = RNNParams.init(D, H, rng)
    params.W_h[...] = np.linalg.qr(rng.standard_normal((H, H)))[0]
    return params


def run(params, rng, scale=1.0, warm_up=WARM_UP):
    """Run a network over the input, `scale` times as large; return the cache of the last T steps.

    The cache is that of `rnn_forward` or of `lstm_forward`.
    """
    x = scale * rng.standard_normal((warm_up + T, B, D))
    if isinstance(params, RNNParams):
        return rnn_forward(x[warm_up:], params, rnn_forward(x[:warm_up], params)[1])[2]
    return lstm_forward(x[warm_up:], params, *lstm_forward(x[:warm_up], params)[1])[2]


def against_lag(start, scale=1.0, warm_up=WARM_UP):
    """Norm of ∂L/∂h_{T-k} for a loss L = v·h_T with random v, relative to lag k = 0.

    Parameters
    ----------
    start : callable
        ``start(rng)`` returns the parameters, an `RNNParams` or an `LSTMParams`.
    scale : float, optional
        Factor of the input.
    warm_up : int, optional
        Steps that are read first; 0 begins with an empty state.

    Returns
    -------
    ndarray, shape (5, T + 1)
        A row a seed, the norm over batch and units by lag.
    """
    rows = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        cache = run(start(rng), rng, scale, warm_up)
        backward = rnn_backward if isinstance(cache.params, RNNParams) else lstm_backward
        grads = backward(cache, np.zeros((T, B, H)), rng.standard_normal((B, H)))
        norms = np.linalg.norm(grads.h, axis=(1, 2))[::-1]
        rows.append(norms / norms[0])
    return np.array(rows)


def paths(start, warm_up=WARM_UP):
    """Send a random gradient into c_T of an LSTM, and follow it along the memory and as a whole.

    Returns
    -------
    whole, direct, cosine : ndarray, each of shape (5, T + 1)
        By seed and lag: the norm of ∂L/∂c_{T-k} through all paths, and that of the part which
        was only multiplied by forget gates, both relative to lag 0; and the cosine of the two.
    """
    rows = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        cache = run(start(rng), rng, warm_up=warm_up)
        dc_T = rng.standard_normal((B, H))
        whole = lstm_backward(cache, np.zeros((T, B, H)), dc_T=dc_T).c[::-1]
        kept = np.cumprod(cache.gates.f[::-1], axis=0)
        direct = np.concatenate([dc_T[None], kept * dc_T])
        norms = [np.linalg.norm(a, axis=(1, 2)) for a in (whole, direct)]
        cosine = (whole * direct).sum(axis=(1, 2)) / norms[0] / norms[1]
        rows.append([norms[0] / norms[0][0], norms[1] / norms[1][0], cosine])
    return np.array(rows).transpose(1, 0, 2)


HEAD = "  lag 10  lag 50 lag 100 (lowest, highest)"


def row(norms):
    """Format medians over the seeds at three lags, and the range at lag 100."""
    medians = np.median(norms[:, [10, 50, 100]], axis=0)
    low, high = norms[:, 100].min(), norms[:, 100].max()
    return "".join(f"{m:8.0e}" for m in medians) + f" ({low:.0e}, {high:.0e})"


def per_step(norms):
    """Return the mean factor a step between lags 20 and 80, by seed."""
    return (norms[:, 80] / norms[:, 20]) ** (1 / 60)


def draw(ax, by_label, looks):
    """Draw the median of each array (seeds, T + 1) against the lag, and its range as a band."""
    for k, ((label, norms), look) in enumerate(zip(by_label.items(), looks, strict=False)):
        ax.plot(np.median(norms, axis=0), label=label, markevery=(4 * k, 25), **look)
        band = norms.min(axis=0), norms.max(axis=0)
        ax.fill_between(range(T + 1), *band, color=look["color"], alpha=0.12, lw=0)
    ax.axhline(1, color="black", lw=0.6, ls="-", marker="")
    ax.set(xlabel="lag", ylabel="gradient norm, relative to lag 0", yscale="log")
