"""What an exception of Python or NumPy means, said to those who know the one and not the other."""

import re

# What those who know PyTorch look for, and what NumPy has.
_NUMPY = {
    **dict.fromkeys(("mm", "matmul", "bmm"), "a @ b"),
    "t": "a.T",
    "mul": "a * b",
    "add": "a + b",
    "sub": "a - b",
    "div": "a / b",
    "pow": "a**b",
    "cat": "np.concatenate([a, b], axis=1)",
    "chunk": "np.split(a, parts)",
    "clone": "a.copy()",
    "double": "a.astype(float)",
    "norm": "np.linalg.norm(a)",
    "numel": "a.size",
    "permute": "np.transpose(a, axes)",
    "relu": "np.maximum(a, 0)",
    "sigmoid": "a function that you write",
    "unsqueeze": "a[:, None]",
    **{name: f"np.{name}(a)" for name in ("abs", "exp", "log", "sqrt", "square", "tanh", "where")},
}
_LACKS = re.compile(r"(?:'numpy\.ndarray' object|module 'numpy') has no attribute '(\w+)'")


def meaning(error):
    """Return a sentence on an exception, or "" if its own words say enough."""
    text = str(error)
    lacks = _LACKS.search(text)
    if lacks and lacks[1] in _NUMPY:
        return f"That is how PyTorch says it; in NumPy it is {_NUMPY[lacks[1]]}."
    if "unexpected keyword argument 'dim'" in text:
        return "That is how PyTorch says it; NumPy says axis."
    name = re.search(r"'dict' object has no attribute '(\w+)'", text)
    if name:
        return f'A dict has its values under names in brackets: ["{name[1]}"].'
    if isinstance(error, UnboundLocalError):
        return f"No line that has run by then has given {error.name} a value."
    if isinstance(error, NameError) and error.name in ("torch", "tf"):
        return f"{error.name} is not there; NumPy is, as np."
    if isinstance(error, RecursionError):
        return "The function calls itself, each time anew, and comes to no end."
    if isinstance(error, OverflowError):
        return "math.exp stops at such numbers; np.exp gives inf there, and takes arrays."
    if "converted to Python scalars" in text:
        return "math.exp, float and the like take one number; np.exp takes an array."
    if "multiply sequence" in text or "can only concatenate list" in text:
        return "Lists are no arrays: + joins them, * repeats them. np.array makes an array of one."
    return ""
