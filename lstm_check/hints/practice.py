"""Hints on training with PyTorch, each under the title of a section."""

TEXT = """
== Dataset and DataLoader
Two sequences with one feature, of lengths 3 and 1: [1, 2, 3] and [7]. Time is the first axis of
what you return, the examples are the second:

    step   x[:, 0]   x[:, 1]   mask[:, 0]   mask[:, 1]
    0      1         7         True         True
    1      2         0         True         False
    2      3         0         True         False

Every sequence begins at step 0, and what is behind its end is 0. The mask does not look at the
numbers: a measured 0 is real. It comes from the lengths alone, as steps 0, 1, 2 in a column
compared with the lengths 3 and 1 in a row: is the step less than the length? By default
`nn.utils.rnn.pad_sequence` puts time first; with `batch_first=True` it does not. Leave the order of
the sequences as it is, since their answers are in the same order.

== Padding, packing, a mask
Lengths 2 and 1: one of four steps is padding. Answers are 1, 2 and 3, in the padding 9, and all
targets are 0:

    squares              1, 4, 9 real, and 81 in the padding
    over real steps      (1 + 4 + 9) / 3 = 4.67      this is asked for
    masked, over all     (1 + 4 + 9) / 4 = 3.5       the padding is counted
    all steps            (1 + 4 + 9 + 81) / 4        the padding is learnt
    mean of the means    (5 / 2 + 9 / 1) / 2 = 5.75  the short sequence counts more

Which is yours? Divide by the number of real steps, `mask.sum()`, or pick them first, `error[mask]`,
and take the mean. The gradient is 2 times the error divided by 3 at each real step, and 0 in the
padding; `backward` finds it if the answers require one.

== The loop
The order of a step is: forget the old gradients, compute the loss, `backward`, clip, `step`. With
one weight of 1, a gradient of 4, a learning rate of 0.1 and a largest norm of 2:

    the norm is 4, so the gradient is halved      2
    the step                                      0.1 · 2 = 0.2
    the weight afterwards                         0.8

Clipped after the step it would be 0.6, and uphill 1.2. There is one norm for all arrays together,
and gradients with a smaller norm stay as they are. The optimizer moves the tensors that it was
given: return these, not the arrays from which they were copied. In training, print the loss of both
parts every 20 epochs. If neither falls, nothing moves or the rate is wrong. If only the first one
falls, you have trained for too long.

== Early stopping
Number the epochs from 0, and ask two questions. Which one has the lowest loss, the first one if
there are several? And how many have passed since?

    epoch   0     1     2     3     4
    loss    0.9   0.5   0.6   0.5   0.7

The best is epoch 1: epoch 3 is as good, and no better. Since then 4 - 1 = 3 epochs have passed.
With a patience of 3 it is time to stop, with a patience of 4 it is not yet. It does not matter
whether the loss rose or fell from one epoch to the next. When training stops, the weights of epoch
1 are those to return, so they must have been copied when it was the best: `state_dict_of` copies,
while `state_dict` alone shows the weights as they move on.
"""
