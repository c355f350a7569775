"""Makes sphinxcontrib-katex wait until its render server answers, and fail on wrong LaTeX.

On POSIX it connects once, as soon as the socket's file is there. Node creates that file before
it listens: on a busy machine the build then ends with "Connection refused".
"""

import socket
import time
from subprocess import PIPE, Popen

from sphinxcontrib import katex


def start_server_process(rundir, timeout):
    """Start the server; return its process and a socket connected to it."""
    path = str(rundir / "katex.sock")
    command = katex.KaTeXServer.build_command(socket=path)
    process = Popen(command, stdin=PIPE, stdout=PIPE, cwd=rundir)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            sock.close()
            time.sleep(0.01)
        else:
            return process, sock
    process.kill()
    raise katex.KaTeXServer.timeout_error(timeout)


def setup(app):
    """Patch the module before it renders its first formula."""
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60.0
    katex.KATEX_DEFAULT_OPTIONS["throwOnError"] = True
    katex.KaTeXServer.start_server_process = start_server_process
    return {"parallel_read_safe": True, "parallel_write_safe": True}
