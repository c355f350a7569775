"""Hints on the assignment *voice*, each under the title of a section."""

TEXT = """
== The LSTM, by your cell
Take the parts one by one, with numbers that you can check by hand. For the weights, let D = H =
1: `weight_ih` is [1, 2, 3, 4] as a column, `weight_hh` ten times as much. The blocks are i, f,
g, o, so

    W_f = [20, 2]    second block, the hidden state's column first
    W_c = [30, 3]    g is the candidate
    b_f = 0.5 + 0.25 the second numbers of both biases, added

For what follows the LSTM, let h_t = [[0.5, -1]], w = [2, 3] and d = -0.5:

    ReLU       [0.5, 0]
    sum        0.5 * 2 + 0 * 3 = 1
    with d     1 - 0.5 = 0.5
    squashed   1 / (1 + exp(-0.5)) = 0.622

Print what each step of yours gives: the first number that differs is where to look. Without
ReLU, -2.5 would be squashed. One p belongs to each example, so a batch of B has B of them.

== A state that is carried
Give your function two chunks, then the same two one after the other: the second call gets the
states that the first has returned. Both ways have to give the same p and the same states.

    p_ab, h, c = listen(x, params, w, d, h0, c0)
    p_a, h_1, c_1 = listen(x[:1], params, w, d, h0, c0)
    p_b, h_2, c_2 = listen(x[1:], params, w, d, h_1, c_1)

If p_a is right and p_b is not, look at what goes from chunk to chunk, and at what is returned.
With all weights 0 and c0 = 4 the memory is 2 after one chunk and 1 after two: each gate is 0.5.
A loop that begins anew at every chunk gives 2 twice; one that begins from zero gives 0. The
next step needs h_t as lstm_cell returned it, before anything is done to it for the readout.

== The memory that speaks
Take a single memory and few chunks, and count on your fingers. Let its values be 1, 4, 2, 3,
and let somebody speak in the second and the last chunk. So there is 4, 3 in speech and 1, 2 in
silence.

    4 > 1 yes   4 > 2 yes
    3 > 1 yes   3 > 2 yes    4 of 4 pairs: 1.0

With 1, 2, 4, 3 instead it is 2, 3 against 1, 4, and 2 of 4 pairs: 0.5. Print your two groups
first: each has as many rows as there are chunks of its kind. Then the comparison: with an axis
added it has the shape (spoken, silent, H), and holds a yes or no for every pair and memory. The
mean over its first two axes is what is asked for.
"""
