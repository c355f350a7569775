"""Other people's LSTMs with our weights, as functions of no arguments.

ONNX orders the gates i, o, f, c and wants the batch second; both of its biases
are added, as in PyTorch.
"""

import numpy as np
import torch

from lstm_ref import to_torch


def pytorch(x, params, dh):
    """Return forward and forward + backward of ``torch.nn.LSTM``."""
    module = to_torch(params)
    x, dh = torch.tensor(x, requires_grad=True), torch.tensor(dh)

    def forward():
        with torch.no_grad():
            return module(x)[0].numpy()

    def both():
        module.zero_grad()
        x.grad = None
        module(x)[0].backward(dh)

    return forward, both


def onnx(x, params):
    """Return forward of the peers that run an ONNX model, by name.

    onnxruntime's LSTM takes float32 only.
    """
    import onnxruntime
    from onnx.reference import ReferenceEvaluator

    model = _onnx_model(x.dtype, params)
    sessions = {"onnx reference": ReferenceEvaluator(model)}
    if x.dtype == np.float32:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        sessions["onnxruntime"] = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return {
        name: lambda session=session: session.run(["h"], {"x": x})[0][:, 0]
        for name, session in sessions.items()
    }


def _onnx_model(dtype, params):
    from onnx import TensorProto, helper, numpy_helper

    def in_onnx_order(packed):
        i, f, g, o = np.split(packed.astype(dtype), 4)
        return np.concatenate([i, o, f, g])[None]

    bias = in_onnx_order(params.b)
    weights = {
        "W": in_onnx_order(params.W_x),
        "R": in_onnx_order(params.W_h),
        "B": np.concatenate([bias, np.zeros_like(bias)], axis=1),
    }
    kind = TensorProto.DOUBLE if dtype == np.float64 else TensorProto.FLOAT
    node = helper.make_node("LSTM", ["x", *weights], ["h"], hidden_size=params.hidden_size)
    graph = helper.make_graph(
        [node],
        "lstm",
        [helper.make_tensor_value_info("x", kind, ["T", "B", params.input_size])],
        [helper.make_tensor_value_info("h", kind, ["T", 1, "B", params.hidden_size])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
