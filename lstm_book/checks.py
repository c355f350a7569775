"""A check that stops the build: two ways to the same numbers."""

import numpy as np


def check(name, ours, theirs, limit=1e-12):
    """Print how far two arrays are apart; stop if that is more than rounding.

    Parameters
    ----------
    name : str
    ours, theirs : array_like or torch.Tensor
    limit : float
        For the largest difference, in units of the largest of `theirs` or of 1,
        whichever is larger.

    Raises
    ------
    AssertionError
        If the shapes differ or the difference exceeds `limit`; NaN does.
    """
    ours, theirs = (a.detach() if hasattr(a, "detach") else a for a in (ours, theirs))
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape, f"{name}: shapes {ours.shape} and {theirs.shape}"
    difference = np.abs(ours - theirs).max(initial=0)
    print(f"{name}: largest difference {difference:.0e}")
    assert difference <= limit * max(1, np.abs(theirs).max(initial=0)), f"{name}: {difference}"
