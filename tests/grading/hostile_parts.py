"""Submissions whose functions help each other to points: by what they share, and by right parts.

Each is a slug, the cells that are replaced, and the functions that keep their points.
"""

CELL_RIGHT = """
def lstm_cell(x_t, h_prev, c_prev, params):
    hx = stack(h_prev, x_t)
    f = forget_gate(hx, params["W_f"], params["b_f"])
    i = input_gate(hx, params["W_i"], params["b_i"])
    c_tilde = candidate(hx, params["W_c"], params["b_c"])
    o = output_gate(hx, params["W_o"], params["b_o"])
    c_t = cell_state(f, c_prev, i, c_tilde)
    return hidden_state(o, c_t), c_t
"""

PARTS = {
    # of the review: three wrong functions had 12 of 15 points
    "zeros first, then noise": (
        "cell",
        {
            "stack": """
_n = 0
_phase = "cell"
def stack(h_prev, x_t):
    global _n
    _n += 1
    shape = len(h_prev), h_prev.shape[1] + x_t.shape[1]
    return np.full(shape, np.nan) if _n == 1 else np.random.default_rng(_n).normal(size=shape)
""",
            "lstm_cell": """
def lstm_cell(x_t, h_prev, c_prev, params):
    global _n
    if _phase == "forward":
        _n += 1
        if _n > _T:
            return np.random.default_rng(_n).normal(size=(2, *h_prev.shape))
        return np.zeros_like(h_prev), np.zeros_like(h_prev)
    _n = 0
    return np.full(h_prev.shape, np.nan), np.full(h_prev.shape, np.nan)
""",
            "lstm_forward": """
def lstm_forward(x, params, h0, c0):
    global _n, _T, _phase
    _phase, _n, _T = "forward", 0, len(x)
    return np.zeros((len(x), *h0.shape)), np.zeros((len(x), *h0.shape))
""",
        },
        [],
    ),
    "a part that says what is wanted": (
        "cell",
        {
            "lstm_cell": """
_told = []
def lstm_cell(x_t, h_prev, c_prev, params):
    return _told.pop() if _told else (h_prev * 0, c_prev * 0)
""",
            "lstm_forward": """
def lstm_forward(x, params, h0, c0):
    h = np.zeros((len(x), *h0.shape))
    _told.extend([(h0 * 0, h0 * 0)] * len(x))
    return h, h
""",
        },
        ["stack"],
    ),
    "a part that makes all alike": (
        "cell",
        {
            "lstm_cell": "def lstm_cell(x_t, h_prev, c_prev, params):\n"
            "    return h_prev * np.nan, c_prev * np.nan\n",
            "lstm_forward": "def lstm_forward(x, params, h0, c0):\n"
            "    h = np.full((len(x), *h0.shape), np.nan)\n    return h, h\n",
        },
        ["stack"],
    ),
    "a part that makes nothing of nothing": (
        "cell",
        {
            "lstm_cell": "def lstm_cell(x_t, h_prev, c_prev, params):\n    return h_prev, c_prev\n",
            "lstm_forward": "def lstm_forward(x, params, h0, c0):\n"
            "    return np.array([h0] * len(x)), np.array([c0] * len(x))\n",
        },
        ["stack"],
    ),
    "the right part kept for later": (
        "cell",
        {
            "lstm_cell": """
import threading
_kept = []
def lstm_cell(x_t, h_prev, c_prev, params):
    return _kept[0](x_t, h_prev, c_prev, params)
""",
            "lstm_forward": """
def lstm_forward(x, params, h0, c0):
    _kept.append(lstm_cell)
    threading.Thread(target=lambda: [lstm_cell(x[0], h0, c0, params) for _ in range(9)]).start()
    open("/scratch/kept", "w").write("x")
    return [lstm_cell(x_t, h0, c0, params) for x_t in x]
""",
        },
        ["stack"],
    ),
    "the right part behind a socket": (
        "cell",
        {
            "lstm_cell": """
import pickle, socket, threading
def ask(question):
    s = socket.socket(socket.AF_UNIX)
    s.connect("\\0oracle")
    s.sendall(pickle.dumps(question))
    s.shutdown(1)
    return pickle.loads(s.makefile("rb").read())
def lstm_cell(x_t, h_prev, c_prev, params):
    return ask((x_t, h_prev, c_prev, params))
""",
            "lstm_forward": """
def serve():
    s = socket.socket(socket.AF_UNIX)
    s.bind("\\0oracle")
    s.listen()
    while True:
        c, _ = s.accept()
        c.sendall(pickle.dumps(lstm_cell(*pickle.loads(c.makefile("rb").read()))))
        c.close()
def lstm_forward(x, params, h0, c0):
    threading.Thread(target=serve, daemon=True).start()
    import time
    time.sleep(0.2)
    return 1
""",
        },
        ["stack"],
    ),
    "hostile values for the right part": (
        "cell",
        {
            "stack": "def stack(h_prev, x_t):\n    raise ValueError\n",
            "lstm_cell": """
import types
BAD = [
    types.SimpleNamespace(__array_interface__={"data": (4096, False), "shape": (2, 4),
                                               "typestr": "<f8", "version": 3}),
    np.broadcast_to(1.0, (10**6, 10**6)), "x" * 10**7, {n * (2**61 - 1): 0 for n in range(5000)},
    np.zeros((1000, 1000)), np.zeros((0, 3)), [[]] * 10**5, np.array([object()]), float, None,
]
def lstm_cell(x_t, h_prev, c_prev, params):
    for bad in BAD:
        try:
            stack(bad, bad)
        except Exception:
            pass
    return h_prev, c_prev
""",
        },
        ["lstm_forward"],
    ),
    "the right part for ever": (
        "cell",
        {
            "stack": "def stack(h_prev, x_t):\n    raise ValueError\n",
            "lstm_cell": "def lstm_cell(x_t, h_prev, c_prev, params):\n"
            "    while True:\n        stack(h_prev, x_t)\n",
        },
        ["lstm_forward"],
    ),
    "the right part from many threads and children": (
        "cell",
        {
            "stack": "def stack(h_prev, x_t):\n    raise ValueError\n",
            "lstm_cell": """
import os, threading
def lstm_cell(x_t, h_prev, c_prev, params):
    os.fork()
    for _ in range(8):
        threading.Thread(target=stack, args=(h_prev, x_t)).start()
    stack(h_prev, x_t)
    return h_prev, c_prev
""",
        },
        ["lstm_forward"],
    ),
    "another answer the second time": (
        "cell",
        {
            "stack": "def stack(h_prev, x_t):\n    raise ValueError\n",
            "lstm_cell": CELL_RIGHT.replace("lstm_cell(", "_right(", 1) + "_n = 0\n"
            "def lstm_cell(*given):\n"
            "    global _n\n    _n += 1\n"
            "    h, c = _right(*given)\n"
            "    return (h, c) if _n % 2 else (h + 1, c)\n",
        },
        ["lstm_forward"],
    ),
    "an address from a part": (
        "backward",
        {
            "cell_backward": """
import types
def cell_backward(dh, dc, cache, params):
    there = types.SimpleNamespace(__array_interface__={
        "data": (4096, False), "shape": dh.shape, "typestr": "<f8", "version": 3})
    return {"x_t": np.zeros_like(cache["x_t"]), "h_prev": there, "c_prev": there,
            **{k: np.zeros_like(v) for k, v in params.items()}}
""",
            "lstm_backward": """
def lstm_backward(dh, caches, params, dh_T, dc_T):
    T, B, H = dh.shape
    return {"x": np.zeros((T, B, caches[0]["x_t"].shape[1])), "h0": np.zeros((B, H)),
            "c0": np.zeros((B, H)), **{k: np.zeros_like(v) for k, v in params.items()}}
""",
        },
        [],
    ),
    "one mistake costs once": (
        "backward",
        {"cell_backward": "def cell_backward(dh, dc, cache, params):\n    return None\n"},
        ["lstm_backward"],
    ),
}
