"""Known mistakes of the assignment *backward*."""

import numpy as np

from lstm_check.exercises.backward import EXERCISES
from lstm_check.notation import read

_CELL_BACKWARD = """
== The backward pass of one step, in Unrolling in time
shown part left out | dc_t = dc
  c_t acts on the loss in two ways, and you have one: it is carried on, but also shown in h_t
carried part left out | dc_t = shown
  c_t acts on the loss in two ways, and you have one: it is shown in h_t, but the step after has
  sent dc back as well
dh as it is added to dc | shown = dh
  you add dh to dc as it is; between h_t and c_t lie a gate and a tanh
shown part taken away | dc_t = dc - shown
  what c_t shows in h_t is taken away from dc; the two parts are added
product distributed without parentheses
    | dz_f = dc + shown * c_prev * f * (1 - f); dz_i = dc + shown * c_tilde * i * (1 - i)
    |; dz_c = dc + shown * i * (1 - c_tilde**2); dc_prev = dc + shown * f
    | || dz_f = dc * c_prev + shown * c_prev * f * (1 - f)
    |; dz_i = dc * c_tilde + shown * c_tilde * i * (1 - i)
    |; dz_c = dc * i + shown * i * (1 - c_tilde**2)
    | || dz_f = dc * c_prev + shown * c_prev * f * (1 - f)
    |; dz_i = dc * c_tilde + shown * c_tilde * i * (1 - i)
    |; dz_c = dc * i + shown * i * (1 - c_tilde**2); dc_prev = dc + shown * f
  in your products only one part of a sum is multiplied: dc, or what was shown, goes without its
  factors. * comes before +, so a sum that is multiplied needs parentheses
parentheses left out | dz_f = dc_t * c_prev * f * 1 - f || dz_i = dc_t * c_tilde * i * 1 - i
    | || dz_o = dh * tanh_c * o * 1 - o || dz_c = dc_t * i * 1 - c_tilde**2
    | || shown = dh * o * 1 - tanh_c**2
  a slope such as 1 - x**2, or 1 - x, needs parentheses in a product: * comes before -
no sigmoid' in any gate | dz_f = dc_t * c_prev; dz_i = dc_t * c_tilde; dz_o = dh * tanh_c
  a sigmoid's derivative is missing: your values are those without it for the three gates
no slopes at all | dz_f = dc_t * c_prev; dz_i = dc_t * c_tilde; dz_c = dc_t * i; dz_o = dh * tanh_c
  your values are gradients of the gates and the candidate, not of their pre-activations: sigmoid
  and tanh are not differentiated
sigmoid for sigmoid' | dz_f = dc_t * c_prev * f; dz_i = dc_t * c_tilde * i; dz_o = dh * tanh_c * o
  the gates themselves stand where their slopes belong; a sigmoid's slope has another factor
f squared for sigmoid' | dz_f = dc_t * c_prev * f * f
  the forget gate's slope has f twice; at f = 1 a sigmoid is flat
tanh' for sigmoid' in the gates | dz_f = dc_t * c_prev * (1 - f**2)
    |; dz_i = dc_t * c_tilde * (1 - i**2); dz_o = dh * tanh_c * (1 - o**2)
  the gates' slopes are those of tanh; a gate is a sigmoid
no tanh' in the candidate | dz_c = dc_t * i
  your values are those without the slope of the candidate's tanh
tanh' of the candidate not squared | dz_c = dc_t * i * (1 - c_tilde)
  the slope of the candidate's tanh lacks a square
plus for minus in tanh' | dz_c = dc_t * i * (1 + c_tilde**2)
  the slope of the candidate's tanh has a plus; where tanh is near 1 it has to be flat
sigmoid' for tanh' in the candidate | dz_c = dc_t * i * c_tilde * (1 - c_tilde)
  the candidate's slope is that of a sigmoid; the candidate is a tanh
dh for dc in f, i and the candidate | dz_f = dh * c_prev * f * (1 - f)
    |; dz_i = dh * c_tilde * i * (1 - i); dz_c = dh * i * (1 - c_tilde**2)
  f, i and the candidate get dh as it is; they act on h_t only by way of c_t
dc for dh in o | dz_o = dc_t * tanh_c * o * (1 - o)
  the output gate gets the gradient of c_t; it acts on h_t and leaves c_t alone
o gets dc too | dz_o = (dh + dc) * tanh_c * o * (1 - o)
  the output gate gets dc as well; it acts on h_t and leaves c_t alone
W transposed on the way back | dhx = sum(
    |[d @ params[f"W_{g}"].T for g, d in zip("fico", [dz_f, dz_i, dz_c, dz_o])])
  going back, the rows of dz, H numbers each, meet W itself: forwards it was W.T
weights' gradients transposed | dW_$ = hx.T @ dz_$
  the weights' gradients are transposed: a gradient has the shape of what it belongs to
== The hidden state, in The gates
no derivative of tanh(c_t) | shown = dh * o
  your values are those when h_t shows c_t as it is; on its way is a tanh, which has a slope
tanh(c_t) for its derivative | shown = dh * o * tanh_c
  on the way from h_t to c_t you multiply by tanh(c_t) itself, not by its slope there
tanh' of c_t without tanh | shown = dh * o * (1 - c_t**2)
  your slope of tanh is written with c_t where the value of tanh belongs
tanh' not squared | shown = dh * o * (1 - tanh_c)
  the slope of tanh on the way from h_t to c_t lacks a square
plus for minus in tanh'(c_t) | shown = dh * o * (1 + tanh_c**2)
  the slope of tanh on the way from h_t to c_t has a plus; where tanh is near 1 it has to be flat
sigmoid's derivative for tanh(c_t) | shown = dh * o * tanh_c * (1 - tanh_c)
  on the way from h_t to c_t your slope is that of a sigmoid; h_t has tanh(c_t)
o missing on the way to c_t | shown = dh * (1 - tanh_c**2)
  on the way from h_t to c_t the gate is missing that decides how much is shown
f for o on the way to c_t | shown = dh * f * (1 - tanh_c**2)
  on the way from h_t to c_t stands the forget gate; which gate decides how much is shown?
sigma(c_t) for tanh(c_t) | tanh_c = sigmoid(c_t)
  your values are those with a sigmoid of c_t where the forward pass has a tanh
c_t for tanh(c_t) in o | dz_o = dh * c_t * o * (1 - o)
  the output gate's factor is c_t; what does the gate scale?
== The cell state, in The gates
carried without f | dc_prev = dc_t
  c_prev gets all of the gradient of c_t; which share of c_prev went into c_t?
carried with i | dc_prev = dc_t * i
  c_prev gets the input gate's share; which gate scales what was there before?
carried with o | dc_prev = dc_t * o
  c_prev gets the output gate's share; which gate scales what was there before?
f applied twice | dc_prev = dc_t * f * f
  c_prev gets f twice: the memory was scaled once
i and the candidate swapped | dz_i = dc_t * i * i * (1 - i)
    |; dz_c = dc_t * c_tilde * (1 - c_tilde**2)
  i and the candidate are each multiplied by themselves; a product's derivative has the other one
no factor i in the candidate | dz_c = dc_t * (1 - c_tilde**2)
  the candidate gets all of the gradient of c_t; which share of it was written?
f for i in the candidate | dz_c = dc_t * f * (1 - c_tilde**2)
  the candidate gets the forget gate's share; which gate writes it?
c_tilde for c_prev in f | dz_f = dc_t * c_tilde * f * (1 - f)
  the forget gate's factor is the candidate; what does the forget gate scale?
c_prev for c_tilde in i | dz_i = dc_t * c_prev * i * (1 - i)
  the input gate's factor is c_prev; what does the input gate scale?
f and i swapped | dz_f = dc_t * c_tilde * f * (1 - f); dz_i = dc_t * c_prev * i * (1 - i)
  forget gate and input gate have each other's factor; which one keeps, which one writes?
h_prev for c_prev in f | dz_f = dc_t * h_prev * f * (1 - f)
  the forget gate's factor is h_prev; what does the forget gate scale?
== Order traps, in Unrolling in time
c_prev for c_t in tanh | tanh_c = np.tanh(c_prev)
  your values are those with tanh of c_prev; h_t shows the cell state after the step
dc not completed for the carried part | dc_prev = dc * f
  c_prev gets a share of dc as it came in; what c_t shows in h_t reaches c_prev, too
shown part alone carried | dc_prev = shown * f
  c_prev gets a share of what c_t shows in h_t alone; dc is carried further, too
dc doubled | dc_t = 2 * dc + shown
  dc counts twice: was it added, and then added again?
dc completed twice | dc_t = dc + 2 * shown
  what c_t shows in h_t counts twice: was dc completed again?
dh overwritten too early | dc_prev = (dc + dh_prev * o * (1 - tanh_c**2)) * f
  for c_prev you use the gradient of h_prev where that of h_t belongs: was dh overwritten before?
c_t for c_prev in f | dz_f = dc_t * c_t * f * (1 - f)
  your values are those when the forget gate scales c_t; which cell state does it scale?
dc not completed for the gates | dz_f = dc * c_prev * f * (1 - f); dz_i = dc * c_tilde * i * (1 - i)
    |; dz_c = dc * i * (1 - c_tilde**2)
  f, i and the candidate get dc as it came in, without what c_t has shown in h_t
c_prev for c_t in o | dz_o = dh * np.tanh(c_prev) * o * (1 - o)
  the output gate's factor is made of c_prev; the gate shows the cell state after the step
h_t stacked | hx = stack(o * tanh_c, x_t)
  the weights' gradients are those of a stacked input with h_t; what did the gates see?
== Four paths and a carried one, in Unrolling in time
nothing carried | dc_prev = 0 * dc
  c_prev gets nothing; the memory is the path that reaches furthest back
part of the step before added | dc_prev = dc_t * f + dh_prev * o * (1 - np.tanh(c_prev) ** 2)
  c_prev holds a part that comes through h_prev; that one is added by the step before, with its
  own output gate
dh added to h_prev | dh_prev = dhx[:, :H] + dh
  h_prev gets dh on top; no path leads from h_prev to h_t but through the pre-activations
nothing to h_prev | dh_prev = 0 * dh
  h_prev gets nothing; all four pre-activations look at it
== Stacking the input, in The gates
x first in the stacked input
    | dh_prev = dhx[:, x_t.shape[1] :]; dx_t = dhx[:, : x_t.shape[1]]
    | || dh_prev = dhx[:, x_t.shape[1] :]; dx_t = dhx[:, : x_t.shape[1]]; hx = stack(x_t, h_prev)
  the gradient of the stacked input is cut as if x_t came first; the weights have h_prev first
h_prev and x_t exchanged | dh_prev = dhx[:, H:]; dx_t = dhx[:, :H]
  the gradients of h_prev and x_t stand under each other's name
stacked input not cut | dh_prev = dhx; dx_t = dhx
  the gradient of the stacked input is not yet cut into those of h_prev and x_t
x first in the weights | hx = stack(x_t, h_prev)
  in the weights' gradients, x_t is stacked before h_prev
== What the way back needs, in Unrolling in time
sigmoid applied twice | s = {"f": sigmoid(f), "i": sigmoid(i), "o": sigmoid(o)}
    |; dz_f = dc_t * c_prev * s["f"] * (1 - s["f"])
    |; dz_i = dc_t * c_tilde * s["i"] * (1 - s["i"]); dz_o = dh * tanh_c * s["o"] * (1 - s["o"])
  the gates' slopes take the sigmoid once more; f, i and o of the cache are sigmoids already
tanh applied twice on the way to c_t | shown = dh * o * (1 - np.tanh(tanh_c) ** 2)
  the slope on the way from h_t to c_t takes tanh once more of what is tanh(c_t) already
tanh applied twice | dz_c = dc_t * i * (1 - np.tanh(c_tilde) ** 2)
  the candidate's slope takes tanh once more; c_tilde of the cache is a tanh already
== Sum over time, in Unrolling in time
mean over the batch | dW_$ = dz_$.T @ hx / len(dh); db_$ = dz_$.mean(axis=0)
  weights and biases have gradients divided by B; the loss is a sum over examples here, and a mean
  would be in dh already
weights' mean over the batch | dW_$ = dz_$.T @ hx / len(dh)
  the weights' gradients are divided by B; the loss is a sum over examples here, and a mean would
  be in dh already
biases' mean over the batch | db_$ = dz_$.mean(axis=0)
  the biases' gradients are means over examples; the weights' are sums, and so is the loss
one example's biases | db_$ = dz_$[0]
  the biases' gradients are those of the first example alone; all examples use the same b
biases not summed over the batch | db_$ = dz_$
  each example has its own gradient of b in your result; all examples use the same b
biases summed over the units | db_$ = dz_$.sum(axis=1)
  the biases are summed along the wrong axis; each unit has its own b
biases summed over everything | db_$ = dz_$.sum()
  without an axis, sum adds up all units; each unit has its own b
biases keep the batch's axis | db_$ = dz_$.sum(axis=0, keepdims=True)
  the sums are right, but each b has two axes: a gradient has the shape of what it has
biases of f for all | db_$ = dz_f.sum(axis=0)
  all biases have the gradient of b_f; each gate has its own
@@ each
== Four paths and a carried one, in Unrolling in time
no path through <short> | dhx = sum(d @ params[f"W_{g}"]
    | for g, d in zip("fico", [dz_f, dz_i, dz_c, dz_o]) if g != "<g>")
  your values are those with three paths; the <name> looks at h_prev and x_t, too
the <name>'s path alone | dhx = dz_<g> @ params["W_<g>"]
  your values are those with one path, through the <name>; who else looks at h_prev and x_t? Was
  the sum overwritten?
@@ gate
== The backward pass of one step, in Unrolling in time
no sigmoid' in <g> | dz_<g> = <grad> * <factor>
  a sigmoid's derivative is missing: your values are those without it for the <name>
sigmoid for sigmoid' in <g> | dz_<g> = <grad> * <factor> * <g>
  the <name> itself stands where its slope belongs; a sigmoid's slope has another factor
tanh' for sigmoid' in <g> | dz_<g> = <grad> * <factor> * (1 - <g>**2)
  the <name>'s slope is that of tanh; a gate is a sigmoid
no factor <factor> in <g> | dz_<g> = <grad> * <g> * (1 - <g>)
  the <name>'s gradient does not depend on what the gate scales
@@
@gate g=f; name=forget gate; grad=dc_t; factor=c_prev
@gate g=i; name=input gate; grad=dc_t; factor=c_tilde
@gate g=o; name=output gate; grad=dh; factor=tanh_c
@each g=f; name=forget gate; short=f
@each g=i; name=input gate; short=i
@each g=o; name=output gate; short=o
@each g=c; name=candidate; short=the candidate
== Order traps, in Unrolling in time
dc not completed for f | dz_f = dc * c_prev * f * (1 - f)
  the forget gate gets dc as it came in, without what c_t has shown in h_t
dc not completed for i | dz_i = dc * c_tilde * i * (1 - i)
  the input gate gets dc as it came in, without what c_t has shown in h_t
dc not completed for the candidate | dz_c = dc * i * (1 - c_tilde**2)
  the candidate gets dc as it came in, without what c_t has shown in h_t
"""

_LSTM_BACKWARD = """
== Four paths and a carried one, in Unrolling in time
dh_prev not handed on | start: dh_t, dc_t = dh_T, dc_T
    |; back: dh_t, dc_t = 0 * dh_T, grads["c_prev"] || dh_now = dh[t]
    | || dh_now = dh[t] + dh_T
  each step gets dh[t] alone; h_t acts on the loss through all later steps, too
dc_prev not handed on | back: dh_t, dc_t = grads["h_prev"], 0 * dc_T
    | || back: dh_t, dc_t = grads["h_prev"], dc_t
    | || step: grads = cell_backward(dh_now, dc_T, caches[t], params)
    | || step: grads = cell_backward(dh_now, 0 * dc_t, caches[t], params)
  what a step carries back along the memory is lost on the way to the step before
nothing handed on | back: dh_t, dc_t = 0 * dh_T, 0 * dc_T
    | || dh_now = dh[t]; step: grads = cell_backward(dh_now, 0 * dc_t, caches[t], params)
    | || dh_now = dh[t] + dh_T; step: grads = cell_backward(dh_now, dc_T, caches[t], params)
    | || dh_now = dh[t]; step: grads = cell_backward(dh_now, dc_T, caches[t], params)
  each step is taken alone; nothing comes to it from the step after
dh[t] a step late | dh_now = dh_t; back: dh_t, dc_t = grads["h_prev"] + dh[t], grads["c_prev"]
  dh[t] is added after step t has gone backwards; it belongs to h_t, which that step needs
h0 and c0 swapped | return {"x": np.array(dx), "h0": dc_t, "c0": dh_t, **total}
  h0 and c0 stand under each other's name
dh[0] added to h0 | return {"x": np.array(dx), "h0": dh_t + dh[0], "c0": dc_t, **total}
  h0 has dh[0] added; dh[0] belongs to the state after the first step
c0 shown | shown = dh_t * caches[0]["o"] * (1 - np.tanh(caches[0]["c_prev"]) ** 2)
    |; return {"x": np.array(dx), "h0": dh_t, "c0": dc_t + shown, **total}
  c0 has a part that comes through h0; nobody computes h0 from c0
dc added to itself | back: dh_t, dc_t = grads["h_prev"], dc_t + grads["c_prev"]
  the gradient of c is added to that of the step after; what a step returns is complete
dh added to itself | back: dh_t, dc_t = dh_t + grads["h_prev"], grads["c_prev"]
  the gradient of h is added to that of the step after; what a step returns is complete
f applied twice | back: dh_t, dc_t = grads["h_prev"], grads["c_prev"] * caches[t]["f"]
  the gradient of c is scaled by f once more; cell_backward has done that already
clipped on the way
    | back: dh_t, dc_t = np.clip(grads["h_prev"], -#, #), np.clip(grads["c_prev"], -#, #)
    | for # in 0.1 1 5 10 50 100
  your gradients are cut off from step to step; clipping belongs behind the whole way back
rescaled on the way | norm = np.linalg.norm(grads["h_prev"])
    |; back: dh_t, dc_t = grads["h_prev"] / norm, grads["c_prev"]
  your gradients are rescaled from step to step, so that their size is lost
== Sum over time, in Unrolling in time
dh[t] left out | dh_now = dh_t
  dh is not used; the loss may look at every h_t
dh of the last step alone | dh_now = dh_t + dh[t] * (t == len(caches) - 1)
  only dh[-1] is used; the loss may look at every h_t
dh of the wrong step | dh_now = dh[-1 - t] + dh_t
  dh is read from its other end: dh[0] goes into the last step
final gradients left out | start: dh_t, dc_t = 0 * dh_T, 0 * dc_T
  dh_T and dc_T are not used; the loss may look at the final states
dh_T left out | start: dh_t, dc_t = 0 * dh_T, dc_T
  dh_T is not used; it comes on top of dh[-1]
dc_T left out | start: dh_t, dc_t = dh_T, 0 * dc_T
  dc_T is not used; the loss may look at the final cell state
dh_T and dc_T swapped | start: dh_t, dc_t = dc_T, dh_T
  dc_T goes into the last hidden state, dh_T into the last cell state; it is the other way round
dh_T in place of dh[-1] | dh_now = dh_t + dh[t] * (t < len(caches) - 1)
  the last step gets dh_T alone; the loss may look at h_T in dh[-1] as well
dh_T at every step | dh_now = dh[t] + dh_t + dh_T * (t < len(caches) - 1)
  dh_T goes into every step; it is the gradient of the last hidden state only
dc_T at every step
    | step: grads = cell_backward(dh_now, dc_t + dc_T * (t < len(caches) - 1), caches[t], params)
  dc_T goes into every step on top; it is the gradient of the last cell state only
forwards in time | for t in range(len(caches)):; keep: dx = [*dx, grads["x_t"]]
    | || for t in range(len(caches)):
  your loop runs from the first step to the last; which gradients are known first?
all caches into one step | step: grads = cell_backward(dh, dc_T, caches, params)
  cell_backward takes one step: one cache, and gradients of shape (B, H)
no sum over time: the first step's | add: total = {name: grads[name] for name in params}
  the gradients of weights and biases are those of the first step alone; was the sum overwritten?
no sum over time: the last step's
    | add: total = {name: grads[name] if t == len(caches) - 1 else total[name] for name in params}
  the gradients of weights and biases are those of the last step alone; all steps use them
mean over time | add: total = {name: total[name] + grads[name] / len(caches) for name in params}
  the gradients of weights and biases are divided by T; the same weights act T times, and each
  time adds its part
mean over the batch | add: total = {name: total[name] + grads[name] / len(dh_T) for name in params}
  the gradients of weights and biases are divided by B; the loss is a sum over examples here
steps not added up | more = lambda name: [grads[name], *(total[name] if dx[1:] else [])]
    |; add: total = {name: np.array(more(name)) for name in params}
  weights and biases have a gradient for each step; all steps use the same ones
last step added twice | times = 1 + (t == len(caches) - 1)
    |; add: total = {name: total[name] + times * grads[name] for name in params}
  weights and biases have the last step's part twice
sum begun with the parameters | total = dict(params)
  your sums begin with the parameters themselves; they begin with 0
one array for all keys | one_array
  all your sums share one array: dict.fromkeys(params, np.zeros(...)) gives every key the same one
x in the order of the loop | keep: dx = [*dx, grads["x_t"]]
  x has its steps in the order of the loop, the last one first
x of the first step alone | keep: dx = grads["x_t"]
  x is the gradient of the first input alone; each step has its own
a list for x | return {"x": dx, "h0": dh_t, "c0": dc_t, **total}
  x is a list; np.array makes an array of it
weights and biases alone | return total
  your result lacks x, h0 and c0; their gradients are asked for, too
weights and biases left out | return {"x": np.array(dx), "h0": dh_t, "c0": dc_t}
  the gradients of weights and biases are asked for, too
== Step after step, in Unrolling in time
dh one step off | dh_now = dh[t - 1] + dh_t
  a step gets dh[t - 1] with the cache of step t; code counts both from 0
first step left out | for t in reversed(range(1, len(caches))):; keep: dx = [grads["x_t"], *dx]
    |; return {"x": np.array([0 * dx[0], *dx]), "h0": dh_t, "c0": dc_t, **total}
    | || for t in reversed(range(1, len(caches))):
  the first step is left out: range ends before its end, backwards as well
last step left out | for t in reversed(range(len(caches) - 1)):
    |; return {"x": np.array([*dx, 0 * dx[0]]), "h0": dh_t, "c0": dc_t, **total}
    | || for t in reversed(range(len(caches) - 1)):
  the last step is left out; code counts steps from 0 to T - 1
== The backward pass of one step, in Unrolling in time
dh and dc swapped into the step | step: grads = cell_backward(dc_t, dh_now, caches[t], params)
  your values are those when cell_backward gets dc before dh
h_prev and c_prev swapped | back: dh_t, dc_t = grads["c_prev"], grads["h_prev"]
  your values are those when the gradients of h_prev and c_prev change places between steps
dh into dc as well | step: grads = cell_backward(dh_now, dc_t + dh_now, caches[t], params)
  dh is added to dc before the step; cell_backward completes dc itself
== What the way back needs, in Unrolling in time
the last cache at every step | step: grads = cell_backward(dh_now, dc_t, caches[-1], params)
  every step gets the cache of the last one; each step has its own
the first cache at every step | step: grads = cell_backward(dh_now, dc_t, caches[0], params)
  every step gets the cache of the first one; each step has its own
caches from the other end | step: grads = cell_backward(dh_now, dc_t, caches[-1 - t], params)
  the caches are read in the wrong direction: the last step gets the first one's
"""


def _one_array(dh, caches, params, dh_T, dc_T):
    right = EXERCISES["lstm_backward"].reference(dh, caches, params, dh_T, dc_T)
    total = dict.fromkeys(params, np.zeros_like(params["W_f"]))
    for name in params:
        total[name] += right[name]
    return {**right, **total}


MISTAKES = {
    "cell_backward": read(EXERCISES["cell_backward"].source, _CELL_BACKWARD),
    "lstm_backward": read(EXERCISES["lstm_backward"].source, _LSTM_BACKWARD, one_array=_one_array),
}
