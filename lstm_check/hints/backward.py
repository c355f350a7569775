"""Hints on the way back, on training and on PyTorch, each under the title of a section."""

TEXT = """
== The backward pass of one step
Set all weights and biases to 0: then f, i and o are 0.5 and the candidate is 0. Take c_prev = 2,
so that c_t = 1, and send one gradient at a time.

    dh = 0, dc = 1:   to c_prev   1 * 0.5                  =  0.5
                      to b_f      1 * 2 * 0.5 * (1 - 0.5)  =  0.5
    dh = 1, dc = 0:   to b_o      tanh(1) * 0.5 * 0.5      =  0.190
                      to c_t      0.5 * (1 - tanh(1)**2)   =  0.210

What reaches c_t by the second way, 0.210, is added to dc before anything else is computed from
it. Compare line by line, and take the first that differs. A sigmoid's slope is f * (1 - f), with
the value that the cache holds, and that of tanh is 1 - c_tilde**2.

== Four paths and a carried one
The stacked input goes to all four of f, i, c_tilde and o. So four gradients come back to it, and
they are added. The memory has a path of its own: to c_prev nothing comes but the gradient of c_t,
times f. Test one path at a time. Let all weights be 0 but one, and compare what reaches h_prev:

    W_f alone    through f, then c_t
    W_i alone    through i, then c_t
    W_c alone    through c_tilde, then c_t
    W_o alone    through o, which acts on h_t and not on c_t

A case that gives 0, where the other three do not, is a path that is left out. The gradient then
has to be cut as the input was stacked: the first H columns belong to h_prev, the other D columns
to x_t. The biases do not lie on the way to h_prev: they only receive.

== Order traps
On the way back a name often stands for two things: a gradient before something was added to it,
and after. Look at this, with dh = 1, dc = 0, o = 0.5 and c_t = 1:

    dc_t     = dc + dh * o * (1 - tanh(c_t)**2)   =  0.210
    to f     = dc_t * ...                            uses 0.210
    to prev  = dc_t * f                              uses 0.210 as well

If `dc * f` is computed first, or with the old name, it gives 0: the part that came through h_t is
lost. In the same way h_prev must not get its new value before all that needs the old one is done.
Give each new array a new name, and write each line so that it only reads names that are complete.
Then the order cannot go wrong.

== What the way back needs
The backward pass multiplies by what was computed on the way forward. Each slope needs a value
that the cache holds:

    a sigmoid   f * (1 - f)          at f = 0.5 it is 0.25, its largest
    tanh        1 - c_tilde**2       at 0 it is 1, at 0.964 only 0.071
    a product   the other factor     f goes to c_prev, and c_prev to f

The cache holds the gates themselves, after they were squashed. A sigmoid of a gate, or tanh of a
candidate, would squash a second time. Only c_t is kept as it is, so tanh(c_t) has to be computed.
For the weights, the other factor is the stacked input, [h_prev, x_t], the same one for all four.
Try yours with B = 1 first: then each gradient of a weight is one product of two numbers.

== Sum over time
All steps and all examples use the same weights, so their gradients are sums. Test the loop with
all weights and biases 0, three steps, and dc_T = 8 as the only gradient:

    step               3    2    1
    dc that comes in   8    4    2     each step hands on half
    part of b_c        4    2    1     together 7

and c0 gets 1. If your b_c is 4 or 1, only one step counts; 2.33 is a mean. Within a step, the sum
goes over the batch, axis 0, because each row is an example; for a weight, `dz.T @ hx` has that
sum in it already. Start the sums at 0, anew in each call, and do not divide by B or T: the loss
decides whether it is a mean. What a step returns for h_prev goes to the step before it, where it
is added to `dh[t]`.

== Step after step
Two gradients travel from step to step: that of the hidden state, and that of the cell state. Both
are needed at each step, and both are replaced by what the step returns. Write down one round of
the loop:

    comes in    dh[t] + dh from the step after,   dc from the step after
    goes out    dh of h_prev,   dc of c_prev,   and one part of each sum

It runs from the last step to the first. With T = 3 that is t = 2, 1, 0: print t. At the very end
of the sequence no step comes after, so the two start as what is given for the final states, or as
0. What is collected on the way comes in the order in which it was made, the last step first, and
may have to be reversed. With T = 1 none of this can be seen, so test with T = 3.

== Measured: norm against lag
Take one unit with all gates 0.5 and W_c = [[2, 0]], so that h_prev acts on the candidate alone.
Start with dh_T = 1.

    lag   dh     dc that goes on
    0     1      0
    1     0.5    0.25
    2     0.5    0.25

At lag 1, half of dh reaches c_t, 0.5. That goes on to h_prev as 0.5 * 0.5 * 2 = 0.5, and to
c_prev as 0.5 * 0.5 = 0.25. One step further back 0.25 comes from dh, and 0.25 from dc: if yours
is 0.25 at lag 2, the second gradient was not handed on. It starts at 0, because the loss does not
look at c_T. The norm is one number for a whole array, and all of them are divided by the first,
so the result begins with 1.

== The forget bias
There are two steps. First, which forget gate leaves one half after so many steps? If each step
keeps f, then k steps keep f**k. Second, which bias gives this gate, if the weights do nothing?
For a half-life of 3 steps:

    f      0.5 ** (1 / 3)        =  0.7937    since 0.7937**3 = 0.5
    b_f    log(f / (1 - f))      =  1.3474    since sigmoid(1.3474) = 0.7937

Check yours the other way round: take the sigmoid of your b_f, raise it to the power half_life,
and see whether 0.5 comes out, for 1, 3 and 100 steps. Approximations such as log(half_life) come
close for long ones only. All units get the same number; the other arrays stay, and so does the
dict that was given.

== The adding problem
Write one example by hand. With T = 4, the numbers 0.1, 0.5, 0.2 and 0.9, and marks at the steps 1
and 3, it is

    step    0           1           2           3
    x       [0.1, 0]    [0.5, 1]    [0.2, 0]    [0.9, 1]

and y = 0.5 + 0.9 = 1.4. Each step has two inputs: its number, and 1 if it is marked, else 0. In a
batch, `first` and `second` hold one step for each example, so example n is marked at `first[n]`.
To reach one place in each example, index with two arrays of the same length, the steps and
`np.arange(B)`; a slice in place of the second marks that step in all examples. Time is the first
axis of x, and y has a column: shape (B, 1).

== A training step
Make sure of one step before you make a thousand. Print the loss before and after it, on the same
batch:

    before   1.17     always answering 0: the mean of y**2
    then     0.17     always answering 1: 1/6, the variance of y
    then     0.083    one of the two numbers is known
    at last  0.01     and below

If it stays at 1.17, nothing moves: are the arrays that Adam moves those that the network uses? If
it stays at 0.17, little comes back through time: is the gradient of the last hidden state, and of
it alone, what goes into the backward pass? If it jumps about, the steps are too long. Answers and
y need one shape, (B, 1): (B,) and (B, 1) together make a (B, B) without a word.

== Moving weights, both ways
Take D = H = 1 and give each gate numbers that show where they went: W_f = [[10, 11]], W_i = [[20,
21]], W_c = [[30, 31]], W_o = [[40, 41]]. The first of each acts on the hidden state, the second
on the input.

    weight_hh_l0   20, 10, 30, 40     one below the other: i, f, c, o
    weight_ih_l0   21, 11, 31, 41

Run your function on these, and read which number stands where. With H = 2 a gate has two rows,
which stay together: a block of i, then one of f. So `np.split(a, 4)` cuts along the rows. PyTorch
calls the candidate g. Its two biases are added, so on the way to PyTorch one of them may hold
everything, and on the way back it is the sum that counts.

== Four tensors
PyTorch has four arrays for a layer, ours are eight. Sizes show how they belong together; take D =
3 and H = 2:

    W_f, W_i, W_c, W_o    (2, 5)    the first 2 columns act on h, the other 3 on x
    weight_hh_l0          (8, 2)    4 blocks of 2 rows
    weight_ih_l0          (8, 3)

One below the other, our four are (8, 5): that array is cut between its columns, at H. The other
way round, the two of PyTorch are put side by side, the hidden one first, and then cut into four
blocks of rows. A block is a gate, in the order i, f, c, o. All blocks have one shape, so nothing
complains about another order: look at the numbers, for instance with each W filled with one
number of its own.

== Two biases
PyTorch adds two biases in each gate: `bias_ih_l0` and `bias_hh_l0`, each of shape (4H,). We have
one. Take H = 1, and the blocks in the order i, f, c, o:

    bias_ih_l0    0.1   0.2   0.3   0.4
    bias_hh_l0    1     2     3     4
    ours          b_i = 1.1   b_f = 2.2   b_c = 3.3   b_o = 4.4

From PyTorch it is the sum that counts, number by number. To PyTorch there are many right ways;
the one that is asked for puts all of the bias into the first, and zeros of the same shape and
dtype into the second. With the whole bias in both, each gate would get it twice, which a test
with biases of 0 does not see.
"""
