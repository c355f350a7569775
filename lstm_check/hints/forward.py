"""Hints on the way forward, each under the title of a section."""

# $ stands for f, i or o.
_GATE = """
== TITLE
A gate is made in three steps: a matrix product, a bias, and a function that squashes. Take them
apart with numbers that you can check by hand. Let B = D = H = 1, `hx = [[1, 2]]`, `W_$ = [[0.5,
-0.25]]` and `b_$ = [1]`.

    product    0.5 * 1 - 0.25 * 2  =  0
    bias       0 + 1               =  1
    squashed   1 / (1 + exp(-1))   =  0.731

Call your function with these, and print what each step gives. The first number that differs is
where to look. With `b_$ = [-1]` the result is 1 - 0.731 = 0.269. Then look at the names: each
gate has weights and a bias of its own. All of them have the same shapes, so nothing complains
where those of another gate are used.
"""

_TITLES = {"f": "The forget gate", "i": "The input gate", "o": "The output gate"}

TEXT = "".join(_GATE.replace("TITLE", title).replace("$", gate) for gate, title in _TITLES.items())
TEXT += """
== The candidate
The candidate is made like a gate, but for its last step: it is a new value, so it must be able to
be negative. Take the steps apart with numbers that you can check by hand. Let B = D = H = 1, `hx
= [[1, 2]]`, `W_c = [[0.5, -0.25]]` and `b_c = [-1]`.

    product    0.5 * 1 - 0.25 * 2  =  0
    bias       0 - 1               = -1
    squashed   tanh(-1)            = -0.762

A sigmoid would give 0.269 here, and nothing squashed at all -1. Call your function with these
numbers, and print what each step gives: the first one that differs is where to look. Then look at
the names: the candidate has weights and a bias of its own, of the same shapes as those of the
gates.

== The cell state
Two things are added: what is kept of the old memory, and what is written. Each has a gate of its
own. Give all four arguments numbers that cannot be mixed up: f = 0.75, c_prev = 2, i = 0.25 and
c_tilde = -1.

    kept      0.75 * 2     =  1.5
    written   0.25 * (-1)  = -0.25
    together               =  1.25

Call your function with these, as arrays such as `np.array([[0.75]])`. If -0.25 comes out, the
gates have changed places; 0.25 is what 1 - f gives, and 0.848 is tanh of the right value. The
memory itself is never squashed: with f near 1 it can add up over many steps. The arguments belong
to the caller, so the result has to be a new array.

== The hidden state
The memory may hold any number. Before it is shown, tanh brings it between -1 and 1; then the
output gate takes its share. Try it with o = 0.5 and c = 1.

    shown    tanh(1)      =  0.762
    result   0.5 * 0.762  =  0.381

If your function gives 0.5, nothing was squashed. 0.462 is tanh of the product: the gate came too
early. 0.366 is a sigmoid in place of tanh; with c = -1 it would be 0.134, and the right result is
-0.381. Try a large memory, too: with c = 100 the result must be o itself, 0.5, because tanh(100)
is 1 as far as a float can say. The gate is squashed already, when it was made.

== Stacking the input
To stack is to put two rows side by side, for each example. Take one example, two hidden units and
one input: h_prev = [[0.1, 0.2]] and x_t = [[7]].

    hx = [[0.1, 0.2, 7]]     shape (1, 3): the hidden state first

The weights are made for this order. The first H columns of W act on h_prev, the other D columns
on x_t: with W = [[1, 0, 0.5]] the product is 1 * 0.1 + 0 * 0.2 + 0.5 * 7 = 3.6. With x_t first it
would be 7.1, and no shape says so. Print the shape of what you have stacked: it is (B, H + D),
with as many rows as before. `np.concatenate` takes a list of arrays, and the axis that gets
longer. In a product with W, the axis of length H + D has to be the one that is summed over.

== Shapes
Write the shape of each array beside its line, with sizes that all differ. Take B = 2 examples, D
= 3 inputs and H = 4 hidden units.

    hx            (2, 7)    a row for each example: 4 + 3 numbers
    W             (4, 7)    a row for each hidden unit
    hx @ W.T      (2, 4)    (2, 7) times (7, 4): the 7 is summed over
    ... + b       (2, 4)    b is (4,): it is added to every row

Rows are examples and columns are hidden units, from the first line to the last. So nothing has to
be turned round at the end. An axis of length 1 counts: one example is (1, 4), not (4,). Put
`print(hx.shape)` and the like into your function, and compare with your list: the first line that
differs is the one to change.

== Why sigmoid
The sigmoid turns any number into a share. Some values to compare yours with:

    z          -2      -1       0       1       2
    sigmoid   0.119   0.269   0.5     0.731   0.881
    tanh     -0.964  -0.762   0       0.762   0.964

At 0 it is one half, and the values at z and -z add up to 1. It can be written in two ways, 1 / (1
+ exp(-z)) and exp(z) / (1 + exp(z)), which are equal on paper. In a computer, exp(1000) is
infinite and comes with a warning, while exp(-1000) is 0, as it should be. So each of the two is
safe on one side of 0 only. Which one on which side? `np.where` chooses among values that have
both been computed, and both of them can warn.

== Why tanh for the candidate
A gate is a share, from 0 to 1. A candidate is a value, which can raise a memory or lower it.
Compare yours with these:

    z          -2      -1       0       1       2
    tanh     -0.964  -0.762   0       0.762   0.964
    sigmoid   0.119   0.269   0.5     0.731   0.881

If none of your values is negative, it is the second row, or something else that is never below 0.
With a sigmoid a memory could only be raised, and forgetting would be the one way down. If your
values are larger than 1, nothing was squashed. NumPy has this function under its usual name. It
copes with any number: at 1000 it is 1, where quotients of exponentials give nan.

== A network that is a loop
One step makes a new hidden state of the old one and the input. Do one by hand, with B = D = H =
1: h_prev = [[0.5]], x_t = [[2]], W = [[1, -0.5]] and b = [1].

    stacked    [0.5, 2]              the hidden state first
    product    1 * 0.5 - 0.5 * 2  =  -0.5
    bias       -0.5 + 1           =   0.5
    squashed   tanh(0.5)          =   0.462

Call your function with these numbers, and print what each of your lines gives: the first one that
differs is where to look. The formula in the book has an example as a column, and W in front of
it. Here an example is a row, so W comes behind, and transposed. Nothing is added afterwards: the
new state takes the place of the old one.

== Checked
Take a function whose slope you know, and nudge by hand: L(w) = w**2 at w = 3, where the slope is
6, with a nudge of 0.1.

    up     3.1**2 = 9.61
    down   2.9**2 = 8.41
    slope  (9.61 - 8.41) / 0.2  =  6

From down to up w has moved by twice the nudge. With W it is the same for each of its numbers:
move one, by itself, and put it back before you move the next. `W + nudge` makes a new array, in
which `nudge` is 0 but for one place; `np.ndindex(W.shape)` goes through the places. The loss is
one number, the sum of `dh * h_t` over all examples and units. Near 1e-5 a nudge is about right:
with 0.1 the loss is no straight line, and with 1e-12 rounding is all that is left.

== Exploding gradients, and clipping
All arrays together are one long vector, and clipping makes this vector shorter without turning
it. Take W = [[3, 0]] and b = [4].

    squares   9 + 0 + 16      =  25     of all numbers, of all arrays
    norm      sqrt(25)        =  5
    factor    max_norm / norm =  0.2    for max_norm = 1

So W becomes [[0.6, 0]] and b [0.8], and their common norm is 1. With max_norm = 10 nothing
happens at all: short gradients stay as they are. If your W comes out as [[1, 0]], each array was
clipped by itself, and the step would go another way. There may be more arrays than W and b, under
any name. And if all of them are 0, the norm is 0: what do you divide by then?

== The whole step
Set all weights and biases to 0. Then each gate is 0.5 and the candidate 0, and with c_prev = 2
the step gives c_t = 1 and h_t = 0.5 * tanh(1) = 0.381. Now set one bias at a time to 2:

    b_f    c_t = 1.762    h_t = 0.471    more is kept
    b_i    c_t = 1        h_t = 0.381    the candidate is still 0
    b_c    c_t = 1.482    h_t = 0.451    half of 0.964 is written
    b_o    c_t = 1        h_t = 0.671    more is shown

The first row that differs from yours says which part to look at. Each gate gets the same stacked
input, and weights and a bias of its own name. The memory goes on as c_t, before tanh; what is
returned first is h_t. Each step of a sequence starts from what the step before has left.

== What a sequence is
The first axis of `x` is time: `x[0]` holds the first inputs of all examples. A loop over `x`
gives one step after the other. Test the loop by itself, with all weights and biases 0: each step
then keeps half of the memory. With c0 = 8 and three steps:

    after step   1    2    3
    c            4    2    1

If it is 4, 4, 4, each step starts from c0 again. If it is 8, 4, 2, you keep what a step began
with. If it is 1, 2, 4, time runs backwards. The states of all steps are collected, so `h` and `c`
have shape (T, B, H), and the last of them is `h[-1]`. With one step, T = 1, the first axis is
still there.
"""
