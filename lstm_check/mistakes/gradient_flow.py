"""Known mistakes of the assignment *gradient-flow*."""

from lstm_check.exercises.gradient_flow import EXERCISES
from lstm_check.notation import read

_GRADIENT_VS_LAG = """
== Measured: norm against lag, in Vanishing gradients
in the order of time | return norms[::-1] / norms[0] || return norms[::-1] / norms[-1]
  your values are in the order of time; lag 0, the last step, comes first
not divided | return norms
  every number is right but for one factor: at lag 0 there should be 1, whatever dh_T is
divided by the largest | return norms / norms.max()
  every number is right but for one factor: you divide by the largest norm; where a gradient
  explodes, that is not lag 0
divided by the sum | return norms / norms.sum()
  every number is right but for one factor: you divide by the sum of all, not by that at lag 0
divided by the last | return norms / norms[-1]
  every number is right but for one factor: you divide by the norm at the largest lag
factor from lag to lag | return np.append(1.0, norms[1:] / norms[:-1])
  each of your values is relative to the lag before it; all are asked for relative to lag 0
upside down | return norms[0] / norms
  each of your values is one over the right one
dh_T at every step | dh = dh + dh_T; norm = np.linalg.norm(dh)
  dh_T is added at every step; the loss looks at the last state only
dh_T for dh at every step | norm = np.linalg.norm(dh_T)
  dh_T goes into every step as it is, so the norm never changes
dh_T for dc, too | start: dh, dc = dh_T, dh_T
  your values are those when the loss looks at c_T as well; it looks at h_T only
dh_T not used | start: dh, dc = np.ones_like(dh_T), np.zeros_like(dh_T)
  your values are those of a gradient of ones at the end; dh_T says what it is
h and c together | norm = np.hypot(np.linalg.norm(dh), np.linalg.norm(dc))
  your norm takes the gradients of h and c together; that of h is asked for
h and c added up | norm = np.linalg.norm(dh) + np.linalg.norm(dc)
  your values add up the norms of the gradients of h and c; that of h is asked for
norm squared | norms = [np.sum(dh**2)]; norm = np.sum(dh**2)
  your values are squares of norms: a root is missing
sum of absolute values | norms = [np.sum(abs(dh))]; norm = np.sum(abs(dh))
    | || norms = [np.mean(abs(dh))]; norm = np.mean(abs(dh))
  your values are sums or means of absolute values; a norm is the root of the sum of squares
largest value | norms = [np.max(abs(dh))]; norm = np.max(abs(dh))
  your values are the largest numbers of the gradients; a norm takes all of them
spectral norm | norms = [np.linalg.norm(dh, 2)]; norm = np.linalg.norm(dh, 2)
  your norm is the largest singular value: of a matrix, np.linalg.norm(..., 2) gives that
sum | norms = [np.sum(dh)]; norm = np.sum(dh)
  your values are sums, in which positive and negative numbers cancel; a norm is asked for
mean of the examples' norms | norms = [np.linalg.norm(dh, axis=1).mean()]
    |; norm = np.linalg.norm(dh, axis=1).mean()
  at each lag the norm over batch and units is asked for; yours is a mean of the examples' norms
norm of the examples' mean | norms = [np.linalg.norm(dh.mean(axis=0))]
    |; norm = np.linalg.norm(dh.mean(axis=0))
  one number is asked for at each lag, the norm over batch and units; you average the examples
  first, and they cancel
the first example alone | norms = [np.linalg.norm(dh[0])]; norm = np.linalg.norm(dh[0])
  at each lag the norm over batch and units is asked for; yours is that of the first example
a norm for each example | norms = [np.linalg.norm(dh, axis=1)]; norm = np.linalg.norm(dh, axis=1)
  at each lag the norm over batch and units is asked for; yours has one for each example
gradient rescaled at every step | dh = dh / np.linalg.norm(dh); norm = np.linalg.norm(dh)
    | || norm = np.linalg.norm(dh); dh = dh / norm; keep: norms = [*norms, norm]
    | || norms = [1.0]; dh = dh / np.linalg.norm(dh)
    |; norm = np.linalg.norm(dh) / np.linalg.norm(dh_T); return norms
  your gradient is divided by its norm on the way: nothing is left of what each step does to it
logarithm | return np.log10(norms / norms[0]) || return np.log(norms / norms[0])
  your values are logarithms; a plot takes them for its axis, the function returns norms
== Step after step, in Unrolling in time
lag 0 left out | return norms[1:] / norms[0] || return norms[1:] / norms[1] || return norms[1:]
  your list starts at lag 1; before the first step back the lag is 0, and all are relative to that
the largest lag left out | return norms[:-1] / norms[0]
  your values are right, but the largest lag is missing: the first step leads back to h0
steps in the order of time | for cache in caches:
  the caches are used from the first to the last; the gradient comes from the last step
the last cache at every step | for cache in [caches[-1]] * len(caches):
  every step back uses the cache of the last step; each step has its own
the first cache at every step | for cache in [caches[0]] * len(caches):
  every step back uses the cache of the first step; each step has its own
== Four paths and a carried one, in Unrolling in time
dc not handed on | step: dh, dc = step_backward(dh, 0 * dc, cache, params)
  the gradient of c is lost between two steps; along the memory it reaches furthest
dh and dc swapped between steps | start: dc, dh = np.zeros_like(dh_T), dh_T
    |; step: dc, dh = step_backward(dh, dc, cache, params); norm = np.linalg.norm(dh)
    | || step: dc, dh = step_backward(dh, dc, cache, params)
  the gradients of h and c change places between two steps
== The direct path and the others, in Gradient flow
dh not handed on | first = dh if len(norms) == 1 else 0 * dh
    |; step: dh, dc = step_backward(first, dc, cache, params); norm = np.linalg.norm(dc)
  what you measure is carried along the memory alone; paths through h are missing
gradient of c | start: dh, dc = np.zeros_like(dh_T), dh_T; norms = [np.linalg.norm(dc)]
    |; norm = np.linalg.norm(dc)
  your values are those of the gradient of c, with dh_T sent into c_T
gradient of c measured | norm = np.linalg.norm(dc)
  behind lag 0 you measure the gradient of c; that of h is asked for
== The price, in Gradient flow
initial states ignored | caches = forward(x, params, 0 * h0, 0 * c0)
  your values are those from zero states; an empty memory lets more through than the given one
h0 and c0 swapped | caches = forward(x, params, c0, h0)
  your values are those when c0 is the first hidden state, and h0 the first cell state
== Is it the product of the forget gates?, in Gradient flow
product of the forget gates | start: dh = dh_T; step: dh = dh * cache["f"]
    |; norm = np.linalg.norm(dh)
    | || start: dh = np.ones_like(dh_T); step: dh = dh * cache["f"]; norm = np.linalg.norm(dh)
    | || start: dh = np.ones_like(dh_T); step: dh = dh * cache["f"]; norm = np.linalg.norm(dh)
    |; return norms[1:] / norms[0]
    | || start: dh = 1.0; norms = [dh]; step: dh = dh * np.mean(cache["f"]); norm = dh
    |; return norms[1:]
    | || start: dh = np.ones_like(dh_T); norms = [1.0]; step: dh = dh * cache["f"]
    |; norm = np.mean(dh)
  your values follow from the forget gates alone, one path of many; the gradient has all of them
"""

_INIT_FORGET_BIAS = """
== The forget bias, in Gradient flow
wrong sign | b = np.log((1 - f) / f)
  your bias has the wrong sign: with it, the gate forgets what it should keep
f for its bias | b = f
  b_f is what the forget gate should be; the bias is what a sigmoid makes that of
sigmoid for its inverse | b = 1 / (1 + np.exp(-f))
  you put the forget gate into a sigmoid; the bias goes into it, the gate comes out
logarithm of f | b = np.log(f)
  your bias is the logarithm of f; a sigmoid's inverse has 1 - f in it as well
odds for their logarithm | b = f / (1 - f)
  your bias is f / (1 - f); a sigmoid's inverse takes the logarithm of that
approximation | f = half_life; b = np.log(f / np.log(2)) || f = half_life; b = np.log(f / 0.69)
    | || f = half_life; b = np.log(f / 0.693) || f = half_life; b = np.log(f / np.log(2) - 1)
  your bias is the approximation for a long half-life; the exact one is asked for, which holds for
  a short one, too
half lost evenly | f = half_life; b = np.log(2 * f - 1) || f = 1 - 0.5 / half_life
  your f loses 0.5 / half_life in each step; a product loses a share of what is left
logarithm of the half-life | f = half_life; b = np.log(f)
  your bias is the logarithm of half_life, a rule of thumb for a time to be remembered; put it
  into the sigmoid and see what is left
half-life for bias | f = half_life; b = f
  b_f is half_life itself; it is a number of steps, not what goes into a sigmoid
bias 1 | f = 1; b = f
  b_f is 1, the usual start; here it follows from half_life
1/e for one half | f = np.exp(-1 / half_life)
  with your bias 1/e is left after half_life steps, not one half
half in one step | f = 0.5**half_life
  your f ** (1 / half_life) is one half; which power of f is left after half_life steps?
f divided evenly | f = 0.5 / half_life
  your f is one half divided by half_life; f is multiplied half_life times
f = 1 / half_life | f = 1 / half_life
  your bias makes f = 1 / half_life: the longer it should remember, the faster it forgets
f = 1 - 1 / half_life | f = 1 - 1 / half_life
  your bias makes f = 1 - 1 / half_life; after half_life steps that leaves about 1/e
logarithm to another base | b = np.log2(f / (1 - f)) || b = np.log10(f / (1 - f))
  your bias is right but for the base of a logarithm: a sigmoid has e
added to the old bias | b_f = params["b_f"] + b
  your bias is added to the one that was there; all units should start alike
one unit alone | b_f = np.append(b, params["b_f"][1:])
  only the first unit has the new bias; each unit has its own
a number for b_f | b_f = b
  the number is right, but b_f is an array with one for each unit
all biases set | return {k: np.full_like(v, b) if k[0] == "b" else v for k, v in params.items()}
  all four biases are set; only the forget gate's decides how long memory lasts
bias of the input gate | return params | {"b_i": b_f}
  the bias of the input gate is set, and b_f left as it was
bias of the output gate | return params | {"b_o": b_f}
  the bias of the output gate is set, and b_f left as it was
weights for bias | return params | {"W_f": np.full_like(params["W_f"], b)}
  W_f is filled with the number that belongs into b_f
other biases set to zero | zero = {k: 0 * params[k] for k in ["b_i", "b_c", "b_o"]}
    |; return params | zero | {"b_f": b_f}
  the other biases are zero now; they should stay as they are
W_f set to zero | return params | {"b_f": b_f, "W_f": 0 * params["W_f"]}
  W_f is zero now; then f does not depend on what comes in
input gate closed | return params | {"b_f": b_f, "b_i": -b_f}
  b_i is the negative of b_f now; that is another start, for another question
nothing set | return params
  b_f is what it was before
b_f alone | return {"b_f": b_f} || return b_f
  you return b_f alone; a dict of all parameters is asked for
"""


MISTAKES = {
    "gradient_vs_lag": read(EXERCISES["gradient_vs_lag"].source, _GRADIENT_VS_LAG),
    "init_forget_bias": read(EXERCISES["init_forget_bias"].source, _INIT_FORGET_BIAS),
}
