"""What hypothesis draws for the border: whatever a sandbox may send, and what may come of it."""

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from lstm_grade.box import wire

FEW = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def many(test):
    """Let a test draw 10,000 examples, others at each run: it takes minutes."""
    test = settings(FEW, max_examples=10_000, derandomize=False)(test)
    return pytest.mark.long(pytest.mark.timeout(3600)(test))


SMALL = st.integers(-2, 4) | st.sampled_from([2**31, 2**63, 10**30])
JSON = st.recursive(
    st.none() | st.booleans() | SMALL | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
DTYPES = st.sampled_from(["<f8", "|b1", "<U2", "|S3", "<i4", "|O8", "<M8[s]", "<f16", "V8", "<U0"])
SHAPES = st.lists(SMALL, max_size=3)
FORGED = st.recursive(
    JSON
    | st.builds(
        lambda *parts: {"array": [*parts]},
        DTYPES | JSON,
        SHAPES | JSON,
        st.sampled_from("CFAX") | JSON,
        st.booleans() | JSON,
        SMALL | JSON,
    )
    | st.builds(lambda dtype, at: {"scalar": [dtype, at]}, DTYPES, SMALL)
    | st.builds(lambda kind, at: {kind: at}, st.sampled_from(["text", "bytes", "other"]), JSON),
    lambda inner: (
        st.builds(
            lambda kind, items: {kind: items},
            st.sampled_from(["list", "tuple", "set"]),
            st.lists(inner, max_size=4) | JSON,
        )
        | st.builds(
            lambda items: {"dict": items},
            st.lists(st.tuples(inner, inner).map(list), max_size=4) | JSON,
        )
        | st.builds(lambda kind, content: {kind: content}, st.text(max_size=6), inner)
    ),
    max_leaves=8,
)
BUFFERS = st.lists(st.binary(max_size=24), max_size=4)
PLAIN = (type(None), bool, int, float, str, bytes, np.generic, wire.Other)


def leaves(value):
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def check_plain(value):
    """Look at every leaf: nothing else than what the border lets through."""
    for leaf in leaves(value):
        if isinstance(leaf, np.ndarray):
            assert leaf.dtype.kind in "biufcUS"
            assert not leaf.dtype.hasobject
            leaf.tolist()  # each value of it can be made
        else:
            assert isinstance(leaf, PLAIN)
            assert type(leaf).__module__ in ("builtins", "numpy", wire.__name__)
