"""What counting predicts: interpolated n-grams of characters, with three ways of smoothing.

A context of n - 1 characters that was seen before says how often each character came after it; its
opinion is blended with that of the context that is one character shorter, down to one that finds
all characters equally likely. An n-gram is one whole number, its codes side by side, so that
counting is sorting.

``"Witten-Bell"``
    A context seen N times, with d different characters after it, leaves d / (N + d) to the shorter
    one (Witten and Bell, 1991).
``"absolute discounting"``
    Each count loses a fixed part, which depends on whether it is 1, 2 or more, and what they have
    lost goes to the shorter one (Chen and Goodman, 1999, their modified discounts).
``"Kneser-Ney"``
    The same, but a shorter context counts before how many different characters it was seen, not
    how often: "modified Kneser-Ney" of Chen and Goodman.
"""

import bz2
import lzma

import numpy as np

BITS = 6  # of a character's code: up to ten of them fit into a whole number


def grams(codes, n):
    """Return every run of n codes as one whole number, (len(codes) - n + 1,)."""
    keys = np.zeros(len(codes) - n + 1, np.int64)
    for k in range(n):
        keys = keys << BITS | codes[k : len(keys) + k]
    return keys


class Counts:
    """n-grams with how often each was met, sorted, so that a context's stand side by side."""

    def __init__(self, keys, counts):
        self.keys, self.counts = keys, counts
        self.contexts, first = np.unique(keys >> BITS, return_index=True)
        self.first = first
        self.totals = np.add.reduceat(counts, first)
        self.kinds = np.diff([*first, len(keys)])
        self.discounts = np.array([0, *estimate(counts)])

    def pruned(self, at_least):
        """Keep what was met so often; what the others had goes to the shorter context."""
        keep = self.counts >= at_least
        found = Counts(self.keys[keep], self.counts[keep])
        found.discounts = self.discounts
        found.totals = self.totals[np.isin(self.contexts, found.contexts)]
        return found

    def find(self, keys):
        """Return of n-grams how often they were met, and the place of their context, or -1."""
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        counts = np.where(self.keys[at] == keys, self.counts[at], 0)
        place = np.minimum(np.searchsorted(self.contexts, keys >> BITS), len(self.contexts) - 1)
        return counts, np.where(self.contexts[place] == keys >> BITS, place, -1)

    def witten_bell(self, keys, p):
        """Return the probabilities of n-grams, given those `p` of the shorter context."""
        counts, place = self.find(keys)
        total, kinds = self.totals[place], self.kinds[place]
        return np.where(place < 0, p, (counts + kinds * p) / (total + kinds))

    def discounted(self, keys, p):
        """Do the same with discounts of Chen and Goodman, estimated from these counts."""
        kept = self.counts - self.discounts[np.minimum(self.counts, 3)]
        lost = self.totals - np.add.reduceat(kept, self.first)
        counts, place = self.find(keys)
        kept = counts - self.discounts[np.minimum(counts, 3)]
        return np.where(place < 0, p, (kept + lost[place] * p) / self.totals[place])


def estimate(counts):
    """Return the discounts of counts of 1, of 2, and of 3 or more."""
    once = [np.count_nonzero(counts == k) for k in range(1, 5)]
    if not all(once):  # of the shortest contexts all is known: take off something
        return 0.5, 0.5, 0.5
    y = once[0] / (once[0] + 2 * once[1])
    return [k - (k + 1) * y * once[k] / once[k - 1] for k in (1, 2, 3)]


def counted(codes, n):
    """Return the n-grams of a text."""
    return Counts(*np.unique(grams(codes, n), return_counts=True))


def continued(longer, n):
    """Return the n-grams of the (n + 1)-grams `longer`: before how many characters each stands."""
    mask = (1 << BITS * n) - 1
    return Counts(*np.unique(longer.keys & mask, return_counts=True))


def predict(codes, text, orders, characters):
    """Count in a text, and predict another, each character but the first.

    Parameters
    ----------
    codes, text : ndarray of int
        What is learnt from, and what is predicted: codes below 64.
    orders : int
        The longest n-gram, at most 10.
    characters : int
        How many there are.

    Yields
    ------
    smoothing : str
    n : int
        1, 2, …, `orders`.
    p : ndarray, shape (len(text) - 1,)
        The probability of each character, given the n - 1 before it.
    """
    tables = [counted(codes, n) for n in range(1, orders + 1)]
    for smoothing in "Witten-Bell", "absolute discounting":
        blend = Counts.witten_bell if smoothing == "Witten-Bell" else Counts.discounted
        p = np.full(len(text), 1 / characters)
        for n, table in enumerate(tables, 1):
            p[n - 1 :] = blend(table, grams(text, n), p[n - 1 :])
            yield smoothing, n, p[1:].copy()
    for n, p, _ in kneser_ney(tables, text, characters):
        yield "Kneser-Ney", n, p


def kneser_ney(tables, text, characters, at_least=1):
    """Predict a text from n-grams of 1, 2, … characters; yield n, p, and the tables it took.

    With `at_least`, n-grams of three and more characters that count less are left out.
    """
    p, below = np.full(len(text), 1 / characters), []
    for n, table in enumerate(tables, 1):
        limit = at_least if n > 2 else 1
        top, keys, shorter = table.pruned(limit), grams(text, n), p[n - 1 :].copy()
        p[n - 1 :] = top.discounted(keys, shorter)
        yield n, p[1:].copy(), [*below, top]
        if n < len(tables):  # a longer one will ask for something else
            below.append(continued(tables[n], n).pruned(limit))
            p[n - 1 :] = below[-1].discounted(keys, shorter)


def size(tables):
    """Return the bytes that tables take, packed as a tree of characters and then compressed.

    Of each n-gram the last character, whether its context begins there, and its count up to 255;
    of the contexts, how far apart their numbers are. What two good programs make of each of these.
    """
    parts = []
    for table in tables:
        starts = np.zeros(len(table.keys), bool)
        starts[table.first] = True
        apart = np.diff(table.contexts, prepend=0).astype("<i8").view(np.uint8).reshape(-1, 8)
        parts += [
            (table.keys & (1 << BITS) - 1).astype(np.uint8).tobytes(),
            np.packbits(starts).tobytes(),
            np.minimum(table.counts, 255).astype(np.uint8).tobytes(),
            apart.T.tobytes(),
        ]
    return sum(min(len(lzma.compress(part)), len(bz2.compress(part))) for part in parts)
