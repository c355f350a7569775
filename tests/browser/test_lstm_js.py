"""The engine behind the pictures, book/_static/lstm.js, computes what lstm_ref and PyTorch do."""

from pathlib import Path

import numpy as np
import pytest
import torch

from lstm_ref import (
    LSTMParams,
    RNNParams,
    lstm_backward,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)

SCRIPT = Path(__file__).parents[2] / "book/_static/lstm.js"
RUN = """({kind, D, H, float, W, b, x, T, B, h0, c0, dh, dh_T, dc_T}) => {
  const Float = float === "float32" ? Float32Array : Float64Array;
  const params = LSTM.make(kind, D, H, Float);
  params.W.set(W);
  params.b.set(b);
  const run = LSTM.forward(params, new Float(x), T, B, h0, c0);
  const grads = LSTM.backward(run, dh, dh_T, dc_T);
  const plain = (list) => list.map((array) => [...array]);
  return {h: plain(run.h), c: plain(run.c), dW: [...grads.W], db: [...grads.b],
    dx: plain(grads.x), dh: plain(grads.h), dc: plain(grads.c)};
}"""
SIZES = [(1, 1, 1, 1), (3, 2, 4, 5), (7, 3, 2, 3), (30, 1, 2, 8)]  # T, B, D, H


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.add_script_tag(content=SCRIPT.read_text("utf-8"))
    yield page
    page.close()


def draw(kind, T, B, D, H, seed=0):
    """Draw weights, a batch with its states, and what a loss sees of every state."""
    rng = np.random.default_rng([seed, T, B, D, H])
    rows = H * {"rnn": 1, "lstm": 4, "gru": 4}[kind]
    shapes = {
        **{"W": (rows, H + D), "b": (rows,), "x": (T, B, D)},
        **{name: (B, H) for name in ("h0", "c0", "dh_T", "dc_T")},
        "dh": (T, B, H),
    }
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def compute(page, kind, drawn, dtype="float64"):
    """Compute in the browser; return arrays in lstm_ref's shapes."""
    T, B, D = drawn["x"].shape
    H = drawn["h0"].shape[1]
    sent = {name: array.ravel().tolist() for name, array in drawn.items()}
    sent["dh"] = drawn["dh"].reshape(T, B * H).tolist()
    sizes = {"kind": kind, "D": D, "H": H, "T": T, "B": B, "float": dtype}
    got = page.evaluate(RUN, {**sent, **sizes})
    shapes = {"dW": drawn["W"].shape, "db": drawn["b"].shape, "dx": (T, B, D)}
    return {n: np.reshape(a, shapes.get(n, (T + 1, B, H))) for n, a in got.items()}


def of_lstm_ref(kind, drawn, dtype=float):
    """Compute the same with lstm_ref."""
    d = {name: array.astype(dtype) for name, array in drawn.items()}
    if kind == "rnn":
        _, _, cache = rnn_forward(d["x"], RNNParams(d["W"], d["b"]), d["h0"])
        grads = rnn_backward(cache, d["dh"], d["dh_T"])
        states = {"h": cache.h, "dh": grads.h}
    else:
        _, _, cache = lstm_forward(d["x"], LSTMParams(d["W"], d["b"]), d["h0"], d["c0"])
        grads = lstm_backward(cache, d["dh"], d["dh_T"], d["dc_T"])
        states = {"h": cache.h, "c": cache.c, "dh": grads.h, "dc": grads.c}
    return {**states, "dW": grads.params.W, "db": grads.params.b, "dx": grads.x}


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_values_and_gradients_are_those_of_lstm_ref(page, kind, sizes):
    drawn = draw(kind, *sizes)
    got = compute(page, kind, drawn)
    for name, expected in of_lstm_ref(kind, drawn).items():
        np.testing.assert_allclose(got[name], expected, rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.figure
def test_how_near_it_is(page, tell):
    """Print the largest difference from lstm_ref, beside the size of what is compared."""
    apart = {"values": 0, "gradients": 0}
    for sizes in SIZES:
        for seed in range(5):
            drawn = draw("lstm", *sizes, seed)
            got = compute(page, "lstm", drawn)
            for name, expected in of_lstm_ref("lstm", drawn).items():
                part = "values" if name in "hc" else "gradients"
                difference = abs(got[name] - expected) / np.maximum(1, abs(expected))
                apart[part] = max(apart[part], difference.max())
    tell(f"lstm.js and lstm_ref: values {apart['values']:.0e}, gradients {apart['gradients']:.0e}")
    assert max(apart.values()) < 1e-12


@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_float32_is_as_close_as_float32_is(page, kind):
    drawn = draw(kind, 12, 3, 2, 6)
    got = compute(page, kind, drawn, "float32")
    for name, expected in of_lstm_ref(kind, drawn).items():
        scale = np.abs(expected).max()
        np.testing.assert_allclose(got[name], expected, rtol=0, atol=1e-5 * scale, err_msg=name)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_the_gru_is_that_of_pytorch(page, sizes):
    *_, D, H = sizes
    drawn = draw("gru", *sizes)
    drawn["W"][2 * H : 3 * H, :H] = drawn["W"][3 * H :, H:] = 0  # as `LSTM.init` makes it
    got = compute(page, "gru", drawn)

    module = torch.nn.GRU(D, H, dtype=torch.float64)
    W, b = drawn["W"], drawn["b"]
    zero = np.zeros(H)
    with torch.no_grad():
        module.weight_ih_l0.copy_(torch.from_numpy(W[: 3 * H, H:]))
        hidden = np.concatenate([W[: 2 * H, :H], W[3 * H :, :H]])
        module.weight_hh_l0.copy_(torch.from_numpy(hidden))
        module.bias_ih_l0.copy_(torch.from_numpy(b[: 3 * H]))
        module.bias_hh_l0.copy_(torch.from_numpy(np.concatenate([zero, zero, b[3 * H :]])))
    x = torch.tensor(drawn["x"], requires_grad=True)
    h0 = torch.tensor(drawn["h0"][None], requires_grad=True)
    h, h_T = module(x, h0)
    (h * torch.tensor(drawn["dh"])).sum().add(
        (h_T[0] * torch.tensor(drawn["dh_T"])).sum()
    ).backward()
    close = {"rtol": 1e-11, "atol": 1e-11}
    np.testing.assert_allclose(got["h"][1:], h.detach(), **close)
    np.testing.assert_allclose(got["dx"], x.grad, **close)
    np.testing.assert_allclose(got["dh"][0], h0.grad[0], **close)
    np.testing.assert_allclose(got["dW"][: 3 * H, H:], module.weight_ih_l0.grad, **close)
    np.testing.assert_allclose(got["dW"][3 * H :, :H], module.weight_hh_l0.grad[2 * H :], **close)
    np.testing.assert_allclose(got["db"][3 * H :], module.bias_hh_l0.grad[2 * H :], **close)


def test_saturated_gates_give_no_nan(page):
    drawn = draw("lstm", 5, 2, 2, 3)
    drawn["W"] *= 1e4
    got = compute(page, "lstm", drawn)
    for name, expected in of_lstm_ref("lstm", drawn).items():
        np.testing.assert_allclose(got[name], expected, rtol=1e-10, atol=1e-12, err_msg=name)


def test_adam_clips_and_steps_as_pytorch(page):
    rng = np.random.default_rng(5)
    start, gradients = rng.normal(size=6), rng.normal(size=(4, 6)) * 3
    got = page.evaluate(
        """([start, gradients]) => {
          const array = Float64Array.from(start), adam = new LSTM.Adam([array]);
          for (const gradient of gradients) adam.update([gradient], 0.02, 1);
          return [...array];
        }""",
        [start.tolist(), gradients.tolist()],
    )
    weight = torch.tensor(start, requires_grad=True)
    adam = torch.optim.Adam([weight], 0.02)
    for gradient in gradients:
        weight.grad = torch.tensor(gradient)
        torch.nn.utils.clip_grad_norm_([weight], 1.0)
        adam.step()
    np.testing.assert_allclose(got, weight.detach(), rtol=1e-6)
