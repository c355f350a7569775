"""Submissions that cheat, break things or lie. Each replaces the cell of `forget_gate`.

Every one leaves `forget_gate` wrong, unless its cheat works.
"""

WRONG = "\ndef forget_gate(hx, W_f, b_f):\n    return np.zeros((hx.shape[0], W_f.shape[0]))\n"


def body(lines):
    """Return a cell that defines forget_gate with these lines."""
    return "def forget_gate(hx, W_f, b_f):\n    " + lines.strip().replace("\n", "\n    ") + "\n"


FORGE = """
import json, os, socket, struct
def forge(header, data=b"", magic=b"LG1\\n", size=None):
    text = json.dumps({**header, "sizes": [len(data)]}).encode()
    size = len(data) if size is None else size
    frame = struct.pack("!4sIQ", magic, len(text), size) + text + data
    for fd in range(3, 64):
        try:
            os.write(fd, frame)
        except OSError:
            pass
"""

CHEATS = {
    # the tests' tools
    "own check": "def check(*args, **kwargs):\n    print('correct')\n" + WRONG,
    "own lstm_check": "import sys, types\nsys.modules['lstm_check'] = types.SimpleNamespace("
    "check=lambda *a, **k: None)\n" + WRONG,
    "lstm_check in the folder": "open('lstm_check.py', 'w').write('def check(*a, **k): pass')"
    + WRONG,
    "numpy patched": "np.allclose = np.array_equal = lambda *a, **k: True\n"
    "np.abs = lambda x: np.zeros_like(x)\nnp.isfinite = lambda x: np.ones(np.shape(x), bool)\n"
    + WRONG,
    "builtins patched": "import builtins\nbuiltins.all = builtins.any = lambda x: True\n"
    "builtins.AssertionError = builtins.Exception = type('E', (BaseException,), {})\n" + WRONG,
    "exec patched": "import builtins\nbuiltins.exec = builtins.eval = lambda *a: None\n" + WRONG,
    "excepthook": "import sys\nsys.excepthook = lambda *a: None\nsys.settrace(lambda *a: None)\n"
    + WRONG,
    "wire patched": "import lstm_grade.box.wire as w\nw.pack = lambda *a, **k: {'tuple': []}\n"
    + WRONG,
    "In and Out": body("return eval(In[-1])"),
    "the reference": body("import lstm_ref\nreturn lstm_ref.forget_gate(hx, W_f, b_f)"),
    "the checker's tables": body(
        "from lstm_check.exercises import EXERCISES\n"
        "return EXERCISES['forget_gate'].reference(hx, W_f, b_f)"
    ),
    "the caller's frame": body(
        "import sys\nframe = sys._getframe()\n"
        "while frame:\n    if 'expected' in frame.f_locals:\n"
        "        return frame.f_locals['expected']\n"
        "    frame = frame.f_back"
    ),
    "all objects": body(
        "import gc\nreturn [x for x in gc.get_objects() if isinstance(x, np.ndarray)\n"
        "        and x.shape == (len(hx), len(W_f))][0]"
    ),
    # values that lie
    "equal to everything": body(
        "class Liar:\n    shape = (2, 4)\n    dtype = np.dtype(float)\n"
        "    __eq__ = lambda *a: True\n    __array__ = lambda *a, **k: np.zeros((2, 4))\n"
        "return Liar()"
    ),
    "array that lies": body(
        "class Liar(np.ndarray):\n    shape = property(lambda s: (2, 4))\n"
        "    __sub__ = __rsub__ = lambda s, o: np.zeros((2, 4))\n"
        "    __eq__ = lambda s, o: np.ones((2, 4), bool)\n"
        "    def __array_ufunc__(self, *a, **k):\n        return np.zeros((2, 4))\n"
        "return np.zeros((2, 4)).view(Liar)"
    ),
    "numbers that lie": body(
        "class Liar(float):\n    __sub__ = __rsub__ = lambda s, o: 0.0\n"
        "    __abs__ = lambda s: 0.0\n    __eq__ = __le__ = __ge__ = lambda *a: True\n"
        "return np.full((len(hx), len(W_f)), Liar(3), object)"
    ),
    "pickle": body(
        "class P:\n    def __reduce__(self):\n        return (exec, ('import os; os._exit(0)',))\n"
        "return P()"
    ),
    "masked array": body("return np.ma.masked_all((len(hx), len(W_f)))"),
    "a generator": body("yield 1"),
    "a coroutine": "async " + body("return 1"),
    "a class": body("return type('forget_gate', (), {})"),
    "a function": body("return lambda *a: True"),
    "a module": body("return np"),
    "a list of itself": body("x = []\nx.append(x)\nreturn x"),
    "deep": body("x = []\nfor _ in range(100_000):\n    x = [x]\nreturn x"),
    "gigantic": body("return np.zeros((10_000, 1_500))"),
    "gigantic without memory": body("return np.broadcast_to(1.0, (10**6, 10**6))"),
    "gigantic number": body("return 10 ** 100_000"),
    "many keys": body("return {n * (2**61 - 1): 0 for n in range(300_000)}"),
    "nothing": body("pass"),
    "not a function": "forget_gate = 3\n",
    "an object that can be called": "class F:\n    def __call__(self, *a):\n        return 1\n"
    "    def __getattr__(self, name):\n        return True\nforget_gate = F()\n",
    "another letter": "def forget_g\u0430te(hx, W_f, b_f):\n    return sigmoid(hx @ W_f.T + b_f)\n",
    "right once": "calls = 0\n"
    + body(
        "global calls\ncalls += 1\n"
        "return sigmoid(hx @ W_f.T + b_f) if calls == 1 else np.zeros((len(hx), len(W_f)))"
    ),
    "arguments changed": body("f = sigmoid(hx @ W_f.T + b_f)\nhx[...] = 0\nreturn f"),
    "arguments reshaped": body("f = sigmoid(hx @ W_f.T + b_f)\nhx.shape = (-1,)\nreturn f"),
    # exceptions
    "StopIteration": body("raise StopIteration"),
    "SystemExit": body("raise SystemExit(0)"),
    "KeyboardInterrupt": body("raise KeyboardInterrupt"),
    "GeneratorExit": body("raise GeneratorExit"),
    "an exception that is a pass": body(
        "class CheckError(AssertionError):\n    metadata = {'mistake': None}\n"
        "    def _render_traceback_(self):\n        return ['correct']\n"
        "raise CheckError('correct')"
    ),
    "an exception without text": body(
        "class E(ValueError):\n    def __str__(self):\n        raise self\nraise E()"
    ),
    "a long exception": body("raise ValueError('x' * 10**7)"),
    "an exception group": body("raise ExceptionGroup('x', [ValueError()])"),
    "a chain of exceptions": body(
        "e = None\nfor n in range(5000):\n    n = ValueError(n)\n"
        "    n.__cause__ = e\n    e = n\nraise e"
    ),
    "recursion": body("return forget_gate(hx, W_f, b_f)"),
    "recursion without limit": "import sys\nsys.setrecursionlimit(10**9)\n"
    + body("return forget_gate(hx, W_f, b_f)"),
    # the process
    "_exit": body("import os\nos._exit(0)"),
    "_exit in the cell": WRONG + "import os\nos._exit(0)",
    "SIGKILL": body("import os\nos.kill(os.getpid(), 9)"),
    "SIGKILL to all": body("import os\nos.kill(-1, 9)\nos.kill(os.getppid(), 9)"),
    "SIGSTOP to all": body("import os\nos.kill(-1, 19)\nos.kill(1, 19)\nos.kill(os.getppid(), 19)"),
    "segmentation fault": body("import ctypes\nctypes.string_at(0)"),
    "abort": body("import os\nos.abort()"),
    "a loop": body("while True:\n    pass"),
    "asleep": body("import time\ntime.sleep(10**6)"),
    "asleep without signals": "import signal\nsignal.pthread_sigmask(0, range(1, 65))\n"
    + body("import time\nwhile True:\n    time.sleep(1)"),
    "an alarm": "import signal\nsignal.setitimer(signal.ITIMER_REAL, .01, .01)\n" + WRONG,
    "forks": body("import os\nwhile True:\n    os.fork()"),
    "threads": body(
        "import threading, time\nfor _ in range(10**4):\n"
        "    threading.Thread(target=time.sleep, args=(9**9,), daemon=True).start()"
    ),
    "comes back twice": body("import os\nos.fork()\nreturn np.zeros((len(hx), len(W_f)))"),
    "memory": body("x = []\nwhile True:\n    x.append(np.ones(10**7))"),
    "memory without mappings": body(
        "import os\nfds = [os.memfd_create('x') for _ in range(50)]\n"
        "for fd in fds:\n    for _ in range(10**6):\n        os.write(fd, bytes(1 << 20))"
    ),
    "a full disk": body("for n in range(10**6):\n    open(f'{n}', 'wb').write(bytes(1 << 20))"),
    "files without end": body("for n in range(10**7):\n    open(f'{n}', 'w').close()"),
    "one large file": body("f = open('x', 'wb')\nwhile True:\n    f.write(bytes(1 << 20))"),
    "talkative": body("while True:\n    print('x' * 10**6)"),
    "closed descriptors": body("import os\nos.closerange(0, 64)"),
    "stdout that raises": "import sys\nclass S:\n    def write(self, x):\n        raise OSError\n"
    "sys.stdout = sys.stderr = S()\n" + WRONG,
    # forged answers
    "an answer ahead": FORGE
    + body("forge({'id': 10, 'outputs': [], 'value': True})\nreturn np.zeros((len(hx), len(W_f)))"),
    "many answers ahead": FORGE
    + body("for n in range(1000):\n    forge({'id': n, 'outputs': [], 'value': {'tuple': []}})"),
    "an answer of another kind": FORGE + body("forge({'id': 0, 'outputs': [7]})\nos._exit(0)"),
    "a frame without end": FORGE + body("forge({}, size=2**60)"),
    "a frame that stops": FORGE + body("forge({}, size=1000)\nimport time\ntime.sleep(9**9)"),
    "no frame": body(
        "import os\nfor fd in range(3, 64):\n    try:\n"
        "        os.write(fd, b'GET / HTTP/1.1\\r\\n' * 10)\n"
        "    except OSError:\n        pass"
    ),
    "nested frames": FORGE
    + body(
        "import struct\ntext = b'[' * 100_000\n"
        "for fd in range(3, 64):\n    try:\n"
        "        os.write(fd, struct.pack('!4sIQ', b'LG1\\n', len(text), 0) + text)\n"
        "    except OSError:\n        pass"
    ),
    "forged arrays": "import lstm_grade.box.wire as w\n"
    "w.pack = lambda v, b, **k: {'array': ['|O8', [10**9], 'C', True, 0]}\n" + WRONG,
    "forged pickles": "import lstm_grade.box.wire as w\n"
    "w.pack = lambda v, b, **k: {'record': ['x', ['__class__', 'y'], [1, 2]]}\n" + WRONG,
    "a thread that answers": FORGE + "import threading, time\ndef spam():\n    while True:\n"
    "        forge({'id': 9, 'outputs': [], 'value': 1})\n        time.sleep(.001)\n"
    "threading.Thread(target=spam, daemon=True).start()\n" + WRONG,
}

# These ruin the rest of their own process, and so the points of their other functions.
RUINOUS = {
    name: CHEATS.pop(name)
    for name in (
        "exec patched",
        "wire patched",
        "forged arrays",
        "forged pickles",
        "a thread that answers",
    )
}

# What an honest student may do on the way to a right answer.
RIGHT = "\ndef forget_gate(hx, W_f, b_f):\n    return sigmoid(hx @ W_f.T + b_f)\n"
HONEST = {
    "plain": RIGHT,
    "talks": body("print(hx)\nreturn sigmoid(hx @ W_f.T + b_f)"),
    "warns": body("import warnings\nwarnings.warn('careful')\nreturn sigmoid(hx @ W_f.T + b_f)"),
    "writes to stderr": body(
        "import sys\nprint('x', file=sys.stderr)\nreturn sigmoid(hx @ W_f.T + b_f)"
    ),
    "magics": "%matplotlib inline\n%time 1\n!ls\nnp.exp?\n" + RIGHT,
    "a cell magic": "%%time\n" + RIGHT,
    "display": "from IPython.display import display as show\nshow(1)\ndisplay(np.ones(2))\n"
    + RIGHT,
    "fortran order": body("return np.asfortranarray(sigmoid(hx @ W_f.T + b_f))"),
    "a view": body("return np.repeat(sigmoid(hx @ W_f.T + b_f), 2, axis=1)[:, ::2]"),
    "a subclass": body("return np.asarray(sigmoid(hx @ W_f.T + b_f)).view(np.recarray)"),
    "one by one": body(
        "return np.array([[sigmoid(x @ w + b) for w, b in zip(W_f, b_f)] for x in hx])"
    ),
    "a class of its own": "import dataclasses\n@dataclasses.dataclass\nclass Gate:\n"
    "    W: np.ndarray\n"
    "    def __call__(self, hx, b):\n        return sigmoid(hx @ self.W.T + b)\n"
    + body("return Gate(W_f)(hx, b_f)"),
    "a file": "np.save('x.npy', np.ones(3))\nassert np.load('x.npy').sum() == 3\n" + RIGHT,
    "threads": body(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(2) as pool:\n"
        "    return pool.submit(lambda: sigmoid(hx @ W_f.T + b_f)).result()"
    ),
    "a process": body(
        "import os\nif os.fork() == 0:\n    os._exit(0)\nos.wait()\n"
        "return sigmoid(hx @ W_f.T + b_f)"
    ),
    "an alphabet of its own": RIGHT.replace("forget_gate", "\U0001d41forget_gate"),
    "an error at the end": RIGHT + "1 / 0\n",
    "another cell's names": "from functools import partial\nshort = partial(np.matmul)\n"
    + body("return sigmoid(short(hx, W_f.T) + b_f)"),
    "a hidden global": "check = len = list = None\n" + RIGHT,
    "a main": RIGHT + "if __name__ == '__main__':\n    print(forget_gate.__module__)\n",
}
