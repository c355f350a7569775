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
    "memory of many": body(
        "import os, time\nfor _ in range(14):\n    if os.fork() == 0:\n"
        "        x = np.ones(50 * 2**20)\n        time.sleep(60)\ntime.sleep(60)"
    ),
    "memory that is shared": body(
        "import mmap\nx = []\nwhile True:\n    x.append(mmap.mmap(-1, 1 << 26))\n"
        "    x[-1].write(bytes(1 << 26))"
    ),
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
    "a child that answers": "import os, socket\nfrom lstm_grade.box import frames\n"
    "if os.fork() == 0:\n    for fd in range(3, 64):\n        try:\n"
    "            sock = socket.socket(fileno=fd)\n            while True:\n"
    "                request, _ = frames.receive(sock)\n"
    "                answer = {'id': request['id'], 'outputs': [], 'value': 1}\n"
    "                frames.send(sock, answer)\n        except Exception:\n            pass\n"
    "    os._exit(0)\n" + WRONG,
    "the right number": "import sys\nfrom lstm_grade.box import frames\n"
    + body(
        "frame = sys._getframe()\n"
        "while 'request' not in frame.f_locals or 'self' not in frame.f_locals:\n"
        "    frame = frame.f_back\n"
        "number = frame.f_locals['request']['id']\n"
        "sock = frame.f_locals['self'].sock\n"
        "for header in FORGED:\n    frames.send(sock, {'id': number, 'outputs': [], **header})"
    )
    + "FORGED = [{'ask': 'sigmoid'}, {'ask': []}, {'warnings': [[['UserWarning']] * 9] * 10**5},\n"
    "          {'error': {'name': 1}}, {'value': {'other': ['x']}}, {'outputs': [[]]}]\n",
    "a thread that answers": FORGE + "import threading, time\ndef spam():\n    while True:\n"
    "        forge({'id': 9, 'outputs': [], 'value': 1})\n        time.sleep(.001)\n"
    "threading.Thread(target=spam, daemon=True).start()\n" + WRONG,
}

# Values that NumPy, or a comparison, would take for something else.
CHEATS |= {
    "a namespace that says where it lies": "import types\n"
    + body(
        "there = {'data': (4096, False), 'shape': (len(hx), len(W_f)), 'typestr': '<f8'}\n"
        "return types.SimpleNamespace(__array_interface__={**there, 'version': 3})"
    ),
    "a capsule that says where it lies": "import types\n"
    + body("return types.SimpleNamespace(__array_struct__=np.ones(3).__array_struct__)"),
    "a named tuple": "from collections import namedtuple\n"
    + body("return namedtuple('ndarray', 'shape dtype')((len(hx), len(W_f)), np.dtype(float))"),
    "a class named as code": body("return type('__import__(\"os\").abort()', (), {})()"),
    "nan": body("return np.full((len(hx), len(W_f)), np.nan)"),
    "nan of another kind": body(
        "return np.full((len(hx), len(W_f)), 0x7FF0_0000_0000_0001, 'u8').view(float)"
    ),
    "inf": body("return np.full((len(hx), len(W_f)), np.inf)"),
    "one nan": body("f = sigmoid(hx @ W_f.T + b_f)\nf[0, 0] = np.nan\nreturn f"),
    "nan that is not a number for a set": body("return {float('nan') for _ in range(9)}"),
    "complex numbers": body("return sigmoid(hx @ W_f.T + b_f) * (1 + 1j)"),
    "text of numbers": body("return sigmoid(hx @ W_f.T + b_f).astype(str)"),
    "bytes of numbers": body("return sigmoid(hx @ W_f.T + b_f).astype('S')"),
    "text of one number": body("return str(sigmoid(hx @ W_f.T + b_f)[0, 0])"),
    "numbers in objects": body("return sigmoid(hx @ W_f.T + b_f).astype(object)"),
    "times": body("return np.zeros((len(hx), len(W_f)), 'M8[s]')"),
    "records": body("return np.zeros((len(hx), len(W_f)), [('f', float)])"),
    "one number for all": body("return np.float64(0.5)"),
    "one number of two axes": body("return np.array([[0.5]])"),
    "a column": body("return sigmoid(hx @ W_f.T + b_f)[:, :1]"),
    "one axis more": body("return sigmoid(hx @ W_f.T + b_f)[None]"),
    "none of them": body("return np.zeros((0, len(W_f)))"),
    "truth": body("return np.ones((len(hx), len(W_f)), bool)"),
    "far too exact": body("return np.zeros((len(hx), len(W_f)), np.longdouble)"),
    "keys that collide": body("return {n * (2**61 - 1): n for n in range(1, 20_000)}"),
    "small sets that collide": body(
        "return [{n * (2**61 - 1) for n in range(1, 2000)} for _ in range(50)]"
    ),
    "keys of keys": body("return {tuple([(n,) * 9] * 9): 0 for n in range(5000)}"),
    "a long list": body("return [0] * 10**7"),
    "lists of the same list": body("x = []\nfor _ in range(40):\n    x = [x, x]\nreturn x"),
    "one array in many places": body("return [np.zeros(10**6)] * 500"),
    "a long text": body("return 'x ' * 10**8"),
    "a text of commas": body("return [',' * 190] * 9000"),
    "many words": body("return ['[{,:'] * 90_000"),
}

# What goes on around the answer.
CHEATS |= {
    "a class with a long name": body("raise type('x' * 10**6, (ValueError,), {})('y' * 10**6)"),
    "an exception with long notes": body(
        "e = ValueError()\nfor _ in range(1000):\n    e.add_note('x' * 10**5)\nraise e"
    ),
    "an exception of the grader": body("raise type('SandboxError', (OSError,), {})('no space')"),
    "an exception of time": body("raise TimeoutError('starved')"),
    "many warnings": "import warnings\n"
    + body("for n in range(10**5):\n    warnings.warn(f'{n}' * 100)\nreturn 1"),
    "an exception whose text does not end": body(
        "class E(ValueError):\n    def __str__(self):\n        while True: pass\nraise E"
    ),
    "a class of exceptions that lies": body(
        "class M(type):\n    __name__ = property(lambda c: 'CheckError')\n"
        "    def __getattribute__(c, name):\n        raise KeyboardInterrupt\n"
        "class E(Exception, metaclass=M):\n    pass\nraise E"
    ),
    "two streams": "import sys\n"
    + body("for n in range(10**5):\n    print('x')\n    print('x', file=sys.stderr)"),
    "a repr without end": WRONG
    + "class R:\n    def __repr__(self):\n        return 'x' * 10**8\nR()",
    "a repr that is none": WRONG + "type('R', (), {'__repr__': lambda self: 3})()",
    "a thousand outputs": WRONG + "for n in range(1000):\n    display('x' * 10**5)",
    "figures without end": WRONG + "import matplotlib.pyplot as plt\nfor n in range(9):\n"
    "    plt.imshow(np.random.rand(400, 400))\n    plt.show()\n    plt.figure()",
    "a picture that is none": WRONG + "import matplotlib.figure\n"
    "matplotlib.figure.Figure.savefig = lambda s, f, **k: f.write(b'<svg onload=alert(1)>')\n"
    "matplotlib.figure.Figure()",
}

# Ways to the kernel that no cell needs.
SOCKETS = "import socket\nopened = []\nfor family in range(1, 50):\n"
CHEATS |= {
    "sockets of every family": SOCKETS + "    for kind in (1, 2, 3, 5):\n        try:\n"
    "            socket.socket(family, kind)\n            opened.append(family)\n"
    "        except OSError:\n            pass\n"
    "if {*opened} - {1}:\n    forget_gate = lambda hx, W, b: sigmoid(hx @ W.T + b)\n"
    "else:\n    forget_gate = None\n",
    "a program": body(
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', '1'], check=True)\nreturn sigmoid(hx @ W_f.T + b_f)"
    ),
    "shared memory": body(
        "from multiprocessing.shared_memory import SharedMemory\n"
        "return [SharedMemory(create=True, size=1 << 20) for _ in range(1000)]"
    ),
    "a full /dev/shm": body(
        "for n in range(1000):\n    open(f'/dev/shm/{n}', 'wb').write(bytes(1 << 20))"
    ),
    "memory that is shared": body(
        "import mmap\nm = [mmap.mmap(-1, 1 << 28) for _ in range(99)]\n"
        "for x in m:\n    x.write(bytes(1 << 28))"
    ),
    "full pipes": body(
        "import fcntl, os\nends = [os.pipe() for _ in range(500)]\n"
        "for _, end in ends:\n    fcntl.fcntl(end, 1031, 1 << 20)\n"
        "    os.write(end, bytes(1 << 20))"
    ),
    "its socket in flight": body(
        "import socket\na, b = socket.socketpair()\n"
        "while True:\n    socket.send_fds(a, [b'x'], [a.fileno(), b.fileno()])"
    ),
    "no process any more": "import resource\n"
    "for n in (resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE):\n"
    "    resource.setrlimit(n, (0, 0))\n" + WRONG,
    "an end that does not end": "import atexit, time\natexit.register(time.sleep, 10**6)\n"
    + body("raise SystemExit"),
    "folders within folders": body("import os\nwhile True:\n    os.mkdir('d')\n    os.chdir('d')"),
    "a file of holes": body("open('x', 'wb').truncate(1 << 60)"),
}

# These ruin the rest of their own process, and so the points of their other functions.
RUINOUS = {
    name: CHEATS.pop(name)
    for name in (
        "exec patched",
        "wire patched",
        "forged arrays",
        "forged pickles",
        "a child that answers",
        "the right number",
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
    "processes that share much": "import multiprocessing\nbig = np.ones(200 * 2**17)\n"
    + RIGHT
    + "def part(k):\n    return big[k::8].sum()\n"
    "with multiprocessing.Pool(4) as pool:\n    assert sum(pool.map(part, range(8))) == big.size",
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
