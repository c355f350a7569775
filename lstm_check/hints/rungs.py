"""Hints on what can go wrong with any function, each under the name of a rung."""

TEXT = """
== none
A function gives back what stands behind `return`, and nothing else. What it prints, or what
stands alone in its last line, is lost for its caller.

    def double(x):            def double(x):
        y = 2 * x                 return 2 * x
        y

    double(3) is None         double(3) is 6

A `return` without a value, or one that stands in an `if` that is not entered, gives None as well.
So does much that works in place: `a.sort()` changes a and returns None, and so does
`list.append`, so that `h = h.append(h_t)` loses the list. Run your function in a cell of your own
with small arrays, and look at `type(...)` of what comes out. If you changed the function just
now, run its cell again before the check: the kernel knows the old one until then.

== type
The result has to be exactly what the text and the docstring say: one array, several arrays in
their order, or a dict with these names. Look at `type(...)` of what comes out, and at what it
holds:

    return h_t             one array
    return h_t,            a tuple of one: mind the comma
    return h_t, c_t        a tuple of two arrays, the usual way to return two
    return [h_t, c_t]      a list; unpacking it works alike

A list of rows becomes an array by `np.array(rows)`; a list of 5 arrays of shape (2, 4) becomes
one of shape (5, 2, 4). A single number, where an array is asked for, is what `.sum()` and the
like leave without `axis`, or what `float(...)` makes. Nothing else may come along: a cache for
the way back is not asked for here.

== dtype
Numbers come in kinds: float64 has 16 digits, float32 has 7, and there are whole numbers and True
and False. The result has to be as precise as the arguments.

    np.zeros(3)                        float64, whatever comes in
    np.zeros_like(x), x * 2            that of x
    x > 0                              True and False
    np.array([0, 0])                   whole numbers: 0.7 becomes 0 in it
    x.astype(np.float32)               loses 9 digits

Print `.dtype` after each line of your function, and find the first that is not what came in. Of
whole numbers and comparisons, arithmetic makes numbers again: `(z > 0) * z`. An array that you
fill step by step takes its dtype when it is made, not from what is put in. So make it like an
argument, or collect a list and turn it into an array at the end.

== not finite
inf and nan come from numbers that are too large on the way, though the result is not:

    exp(1000)               inf
    1 / (1 + inf)           0      still right
    inf / (1 + inf)         nan    the right answer is 1
    0 * inf, inf - inf      nan
    log(0)                  -inf
    0 / 0                   nan

Where does your function meet such a number? Call it with z = 1000 and with z = -1000, and print
what each line gives. Often the formula can be written so that only numbers of a safe size occur:
exp of something that is never above 0 lies between 0 and 1. Cutting the argument off hides the
problem and changes the values. If something is divided by a norm, or by a sum, ask what happens
where that is 0.

== argument changed
An array that is passed is not copied: the function gets the caller's own. What is written into it
changes it for the caller, too, who may need it as it was. The backward pass does, and so does the
next step.

    c_prev *= f                 writes into the caller's array
    c_prev[...] = 0             so does this
    np.tanh(c, out=c)           and this
    c_new = c_prev * f          a new array; the caller's stays

The same holds for dicts: `params["b_f"] = b` changes the caller's, `params | {"b_f": b}` makes a
new one. And `total = grads` is no copy, only a second name: `total += g` then changes both. If
you need a place to start from, take `np.zeros_like(a)` or `a.copy()`.

== error
Read the message from its end: the last line says what, the line of code where. Errors of NumPy
name the shapes that did not fit, and shapes tell what went where:

    (2,7) @ (4,7)      the inner two must be equal: 7 and 4 are not
    (2,4) + (2,)       from the right: 4 meets 2
    (2,4) + (4,)       fits: each row gets the four numbers
    not defined        a name with a typo, or from another cell

Compare the shapes with the table at the top of the notebook: which of them is H, which is H + D,
which B? Then print the shapes before the line that stops. Run the function in a cell of your own,
with small arrays of which you know the result by hand, such as those of the example in its
docstring. The check draws sizes that all differ, so that nothing fits by chance.
"""
