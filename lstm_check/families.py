"""Mistakes that are made in many functions, for `lstm_check.notation`.

A family is written for lines of certain names; what differs from function to function stands in
angle brackets.
"""

TEXT = """
@@ stacked
[x, h] for [h, x] | hx = np.concatenate([x_t, h_prev], axis=1)
  your values are those with x_t stacked first; the columns of the weights expect h_prev first
stacked along the batch | hx = np.concatenate([h_prev, x_t]) || hx = np.array([*h_prev, *x_t])
  h_prev and x_t belong side by side: each example keeps its row
two arguments for a list | hx = np.concatenate(h_prev, x_t) || hx = np.hstack(h_prev, x_t)
    | || hx = np.concatenate(h_prev, x_t, axis=1) || hx = np.vstack(h_prev, x_t)
  the arrays to join have to be given together, as a list; an axis would be the second argument
np.stack for joining | hx = np.stack([h_prev, x_t], axis=1) || hx = np.stack([h_prev, x_t])
    | || hx = np.stack([h_prev, x_t], axis=-1)
  np.stack makes a new axis and needs equal shapes; here an axis gets longer
np.stack for joining | hx = np.array([h_prev, x_t])
  np.array needs rows of equal length; here one array is put beside another
flattened | hx = np.append(h_prev, x_t)
  both arrays are flattened, as np.append does without an axis; each example keeps its row
arithmetic for joining | hx = h_prev + x_t || hx = h_prev * x_t || hx = h_prev @ x_t
    | || hx = h_prev @ x_t.T
  + and * go number by number, @ multiplies matrices; to stack is to put one beside the other
@@ product
bias left out | z = a
  your values are what comes out without <b>, so the bias cannot shift the result
bias outside | z = a; <y> = <squash>(z) + <b>
  your values are right but for <b>: it is added after squashing, not before
bias subtracted | z = a - <b>
  your values are those with <b> subtracted; the equation adds it
bias twice | z = a + 2 * <b>
  your values are those with <b> added twice
bias for a factor | z = a * <b>
  your values are those with <b> as a factor; the equation adds it
1 added to the bias | z = a + <b> + 1
  your values are those with 1 added to <b>; TensorFlow's forget_bias=1.0 is where training starts,
  it is not part of the equation
weights left out | a = hx[:, : len(<W>)]
  your values are what comes out without <W>
sign of the product | a = -hx @ <W>.T
  your values are those with <W> hx subtracted; look at the signs
== Stacking the input, in The gates
x_t ignored | a = hx[:, : len(<W>)] @ <W>[:, : len(<W>)].T
  your values are those when only the first H columns of hx count: the input x_t is ignored
h_prev ignored | a = hx[:, len(<W>) :] @ <W>[:, len(<W>) :].T
  your values are those when only the last D columns of hx count: the hidden state is ignored
weights not transposed | a = hx @ <W> || a = np.dot(hx, <W>)
  hx has H + D columns and <W> has H rows. What do the columns of <W> stand for?
reshape for transpose | a = hx @ <W>.reshape(-1, len(<W>))
  reshape cuts the numbers of <W> into other rows, in the order they stand in; to transpose is to
  make columns of rows
columns for rows | a = <W> @ hx || a = np.dot(<W>, hx) || a = <W> @ hx.T
  the equation holds one example as a column; here each row of hx is an example
element by element for a matrix product | a = hx * <W>
  * and + go element by element; <W> acts on hx as a matrix
== Shapes, in The cell
bias as a column | z = a + <b>[:, None]
  <b> is used as a column (H, 1); its H numbers belong to the columns of the result
@@ rows
== Shapes, in The cell
result transposed | return <y>.T
  your result is the right one transposed; rows are examples, columns are hidden units
extra axis | return <y>[None]
  your values are right, but the result has one axis too many
axis of length 1 dropped | return <y>.squeeze()
  your values are right, but a batch of one example must keep its first axis
one example only | return <y>[0]
  your result is right for the first example; each row needs a row of its own
summed up | return <y>.sum(axis=1)
  your result is the right one, added up over the hidden units; each has a value of its own
averaged | return <y>.mean(axis=0) + 0 * <y>
  your result is the mean over the batch; each example has values of its own
@@ tanh
hard tanh | <y> = np.clip(<z>, -1, 1)
  your values are cut off at -1 and 1 by straight lines, which leaves no slope there
arctan for tanh | <y> = np.arctan(<z>)
  your values are those of arctan, which goes up to 1.57
tan for tanh | <y> = np.tan(<z>)
  your values are those of tan, of angles; tanh is the hyperbolic one
squashed twice | <y> = np.tanh(np.tanh(<z>))
  your values are those of tanh taken twice: none could pass 0.77
slope of tanh | <y> = 1 - np.tanh(<z>) ** 2
  your values are those of the slope of tanh; here its value is asked for
nan when saturated
    | <y> = (np.exp(<z>) - np.exp(-<z>)) / (np.exp(<z>) + np.exp(-<z>))
  some of your values are not finite. np.exp of a large number is inf, and inf / inf is nan;
  NumPy's own function copes
@@ carried
states reset at each <one> | step: h_t, c_t = lstm_cell(x_t, h0, c0, params)
  your values are those when each <one> starts from h0 and c0; what has it read before?
hidden state reset at each <one> | step: h_t, c_t = lstm_cell(x_t, h0, c_t, params)
  your values are those when each <one> gets h0; the memory is carried on, the hidden state is not
cell state reset at each <one> | step: h_t, c_t = lstm_cell(x_t, h_t, c0, params)
  your values are those when each <one> gets c0; the hidden state is carried on, the memory is not
initial states ignored | start: h_t, c_t = np.zeros_like(h0), np.zeros_like(c0)
  your values are those from zero states; the arguments h0 and c0 are not used
h and c unpacked in the wrong order | step: c_t, h_t = lstm_cell(x_t, h_t, c_t, params)
  lstm_cell returns h_t before c_t; you take its first result for c_t
h0 and c0 swapped | start: h_t, c_t = c0, h0
  your values are those when c0 is the first hidden state, and h0 the first cell state
time reversed | for x_t in x[::-1]:
  your values are those when x is read from its end to its start
@@ norm
squared norm | norm = sum(squares)
  your values are those with the squared norm, which is compared and divided by; a root is missing
norms added up | norm = sum(np.sqrt(squares))
  your values are those with the sum of the arrays' norms; squares are added, the root comes last
largest norm for the global one | norm = np.sqrt(max(squares))
  your values are those with the largest of the arrays' norms; all arrays count together
small gradients enlarged | scale = factor
  a gradient that is shorter than max_norm comes out longer; it should stay as it is
nothing clipped | scale = 1.0
  your values are those of gradients as they came, though their norm is above max_norm
"""
