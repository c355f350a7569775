"""What each idea of `lstm_ref.fast` gains: its text, with one idea after the other taken away.

The first rung is `lstm_ref` as it is read, the last one `lstm_ref.fast`. Those between are the
fast one's own text without the ideas of the rungs above, so nothing is written twice. A rung has
`lstm_forward` and `lstm_backward`.
"""

import inspect
from types import SimpleNamespace

from lstm_ref import fast, lstm

# What takes an idea away, from the last one to the first; each edit is one of the text
# that the edits before it have left.
TAKE_AWAY = {
    "fast": [("at_once = max(1, _ROWS // max(1, B))", "at_once = max(1, T)")],
    "one exp": [
        (
            """            z[t] = 1 / (1 + np.exp(-z[t]))
            c_tilde[...] = candidate  # which is no gate
""",
            """            f[...] = 1 / (1 + np.exp(-f))
            i[...] = 1 / (1 + np.exp(-i))
            o[...] = 1 / (1 + np.exp(-o))
            c_tilde[...] = candidate
""",
        )
    ],
    "in advance": [
        (
            """        dz_f[...] = c[part] * f * (1 - f)  # ∂c_t/∂z_f
        dz_i[...] = c_tilde * i * (1 - i)  # ∂c_t/∂z_i
        dz_c[...] = i * (1 - c_tilde**2)  # ∂c_t/∂z_c
        dz_o[...] = tanh_c * o * (1 - o)  # ∂h_t/∂z_o
        dh_dc = o * (1 - tanh_c**2)  # ∂h_t/∂c_t
""",
            "",
        ),
        (
            "            dc_t += dh_t * dh_dc[s]\n",
            """            dz_f[s] = c[t] * f[s] * (1 - f[s])
            dz_i[s] = c_tilde[s] * i[s] * (1 - i[s])
            dz_c[s] = i[s] * (1 - c_tilde[s] ** 2)
            dz_o[s] = tanh_c[s] * o[s] * (1 - o[s])
            dc_t += dh_t * o[s] * (1 - tanh_c[s] ** 2)
""",
        ),
    ],
    "deferred": [
        (
            """        dz = dz.reshape(-1, 4 * H)
        hx = np.concatenate([h[part], x[part]], axis=2).reshape(-1, H + D)
        dx[part] = (dz @ params.W_x).reshape(dx[part].shape)
        dW += dz.T @ hx
        db += dz.sum(axis=0)
""",
            "",
        ),
        (
            "            grad_h[t] += dz[s] @ W_h\n",
            """            grad_h[t] += dz[s] @ W_h
            dx[t] = dz[s] @ params.W_x
            dW += dz[s].T @ np.concatenate([h[t], x[t]], axis=1)
            db += dz[s].sum(axis=0)
""",
        ),
    ],
    "hoisted": [
        (
            "(x.reshape(T * B, D) @ params.W_x.T + params.b).astype(dtype, copy=False)",
            "np.empty((T * B, 4 * H), dtype)",
        ),
        (
            "            z[t] += h[t] @ W_hT\n",
            "            z[t] = h[t] @ W_hT + x[t] @ params.W_x.T + params.b\n",
        ),
    ],
}


def without(ideas):
    """Return what `fast` would be without these ideas, given in the order of TAKE_AWAY."""
    text = inspect.getsource(fast)
    for idea in ideas:
        for old, new in TAKE_AWAY[idea]:
            if text.count(old) != 1:
                raise SystemExit(f"benchmarks/ideas.py, {idea}: fast.py no longer has\n{old}")
            text = text.replace(old, new)
    module = {}
    exec(compile(text, f"<fast without {', '.join(ideas)}>", "exec"), module)
    return SimpleNamespace(**module)


def _rungs():
    """Yield each rung's name and functions; a rung is named after what it has first."""
    ideas = list(TAKE_AWAY)
    yield "lstm_ref", lstm
    yield "fused", without(ideas)
    for k in reversed(range(len(ideas))):
        yield ideas[k], without(ideas[:k])


RUNGS = dict(_rungs())
