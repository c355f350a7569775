"""Two filters of system calls: of what a sandbox starts with, and of what a submission keeps.

Both are lists of what is allowed; all else is refused. The supervisor (`SUPERVISOR`) makes
namespaces for each submission, so it may mount and unshare. Before a submission's process
executes a line of it, it gives these up for ever (`CALLS`).

Numbers and values are those of x86-64, from the kernel's tables and headers. A list that was
tried on one architecture says nothing about another: elsewhere there is no filter, and so no
sandbox.
"""

import ctypes
import os
import platform
import struct

ARCHITECTURE = "x86_64"
AUDIT_ARCH = 0xC000003E

# fmt: off
CALLS = {
    # files
    "read": 0, "write": 1, "readv": 19, "writev": 20, "pread64": 17, "pwrite64": 18,
    "preadv": 295, "pwritev": 296, "open": 2, "openat": 257, "creat": 85, "close": 3,
    "close_range": 436, "lseek": 8, "stat": 4, "fstat": 5, "lstat": 6, "newfstatat": 262,
    "statx": 332, "statfs": 137, "fstatfs": 138, "access": 21, "faccessat": 269,
    "faccessat2": 439, "getdents": 78, "getdents64": 217, "getcwd": 79, "chdir": 80,
    "fchdir": 81, "rename": 82, "renameat": 264, "renameat2": 316, "mkdir": 83, "mkdirat": 258,
    "rmdir": 84, "unlink": 87, "unlinkat": 263, "link": 86, "linkat": 265, "symlink": 88,
    "symlinkat": 266, "readlink": 89, "readlinkat": 267, "chmod": 90, "fchmod": 91,
    "fchmodat": 268, "umask": 95, "utimes": 235, "utimensat": 280, "truncate": 76,
    "ftruncate": 77, "fallocate": 285, "fadvise64": 221, "flock": 73, "fsync": 74,
    "fdatasync": 75, "sendfile": 40, "dup": 32, "dup2": 33, "dup3": 292, "fcntl": 72,
    "pipe": 22, "pipe2": 293,
    # waiting
    "poll": 7, "ppoll": 271, "select": 23, "pselect6": 270, "epoll_create": 213,
    "epoll_create1": 291, "epoll_ctl": 233, "epoll_wait": 232, "epoll_pwait": 281,
    "eventfd2": 290, "pause": 34, "nanosleep": 35, "clock_nanosleep": 230,
    "restart_syscall": 219, "alarm": 37, "getitimer": 36, "setitimer": 38,
    # memory
    "brk": 12, "mmap": 9, "munmap": 11, "mremap": 25, "mprotect": 10, "madvise": 28,
    "membarrier": 324,
    # processes and threads
    "fork": 57, "vfork": 58, "exit": 60, "exit_group": 231, "wait4": 61, "waitid": 247,
    "getpid": 39, "getppid": 110, "gettid": 186, "getpgrp": 111, "getpgid": 121, "setpgid": 109,
    "getsid": 124, "setsid": 112, "set_tid_address": 218, "set_robust_list": 273, "rseq": 334,
    "arch_prctl": 158, "sched_yield": 24, "sched_getaffinity": 204, "sched_getparam": 143,
    "sched_getscheduler": 145, "sched_get_priority_max": 146, "sched_get_priority_min": 147,
    "getpriority": 140, "getrlimit": 97, "setrlimit": 160, "prlimit64": 302, "getrusage": 98,
    "times": 100,
    # signals
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "rt_sigpending": 127,
    "rt_sigtimedwait": 128, "rt_sigsuspend": 130, "sigaltstack": 131, "kill": 62, "tgkill": 234,
    # who, when, how much
    "getuid": 102, "geteuid": 107, "getgid": 104, "getegid": 108, "getresuid": 118,
    "getresgid": 120, "getgroups": 115, "capget": 125, "uname": 63, "sysinfo": 99, "time": 201,
    "gettimeofday": 96, "clock_gettime": 228, "clock_getres": 229, "getrandom": 318,
    # sockets, once there is one
    "connect": 42, "accept": 43, "accept4": 288, "bind": 49, "listen": 50, "shutdown": 48,
    "getsockname": 51, "getpeername": 52, "getsockopt": 55,
}
# fmt: on

# The same, if one of the arguments (counted from 0, its lower 32 bits, which is all that the
# kernel looks at in these) is among the values, or has none of the bits.
AF_UNIX = 1
ONE_OF = {
    "socket": (41, 0, [AF_UNIX]),
    "socketpair": (53, 0, [AF_UNIX]),
    # SO_TYPE, _SNDBUF, _RCVBUF, _KEEPALIVE, _LINGER, _PASSCRED, _RCVTIMEO, _SNDTIMEO, and
    # _REUSEADDR; not those that attach programs.
    "setsockopt": (54, 2, [2, 3, 7, 8, 9, 13, 16, 20, 21]),
    # TCGETS (is it a terminal?), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX; nothing that
    # types into a terminal.
    "ioctl": (16, 1, [0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451]),
    # PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME
    "prctl": (157, 0, [1, 3, 15, 16]),
    # wait, wake, requeue, wake_op and their bitset forms, private or not, by either clock;
    # none that inherits priorities.
    "futex": (202, 1, [n | f for n in (0, 1, 3, 4, 5, 9, 10) for f in (0, 128, 256, 384)]),
}
# Where the network is that of others, nobody is found by a name: of sockets only pairs, and of
# these only streams, which send to no address.
NAMES = ("socket", "connect", "bind", "listen", "accept", "accept4")
SOCKETPAIR, SOCK_STREAM, FLAGS = 53, 1, 0x80800  # SOCK_CLOEXEC, SOCK_NONBLOCK
MSG_OOB = 1  # the code for it in Unix sockets has been a way out of sandboxes (CVE-2025-38236)
NONE_OF = {
    # CLONE_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET; _PTRACE, _PARENT
    "clone": (56, 0, 0x7E02A000),
    "sendto": (44, 3, MSG_OOB),
    "recvfrom": (45, 3, MSG_OOB),
    "sendmsg": (46, 2, MSG_OOB),
    "recvmsg": (47, 2, MSG_OOB),
}
# What the supervisor may besides; it makes namespaces, and it starts as a program.
SUPERVISOR = {
    **{"execve": 59, "clone": 56, "unshare": 272, "mount": 165, "capset": 126},
    **{"prctl": 157, "seccomp": 317, "ioctl": 16},
}
# Answered as by an older kernel: whoever asks goes on in another way. clone3 takes its flags
# from memory, where no filter sees them.
CLONE3, NEWEST = 435, 450

# <linux/bpf_common.h> and <linux/seccomp.h>
LOAD, AND, EQUAL, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
NUMBER, ARCH, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2


class UnknownArchitectureError(Exception):
    """There is no filter for this machine."""


def program(*, supervisor: bool = False, alone: bool = True) -> bytes:
    """Return a filter in classic BPF.

    Parameters
    ----------
    supervisor : bool
    alone : bool
        Whether a submission has a network namespace of its own.

    Raises
    ------
    UnknownArchitectureError
        On a machine whose calls have other numbers.
    """
    if platform.machine() != ARCHITECTURE:
        raise UnknownArchitectureError(platform.machine())
    code = [
        (LOAD, 0, 0, ARCH),
        (EQUAL, 1, 0, AUDIT_ARCH),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    allowed = {**CALLS, **SUPERVISOR} if supervisor else CALLS
    refused = () if alone else NAMES
    for name, number in allowed.items():
        code += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW if name not in refused else EPERM)]
    if not alone:
        code += _block(
            SOCKETPAIR,
            0,
            [
                (EQUAL, 1, 0, AF_UNIX),
                (RETURN, 0, 0, EPERM),
                (LOAD, 0, 0, ARGUMENTS + 8),
                (AND, 0, 0, ~FLAGS & 0xFFFFFFFF),
                (EQUAL, 1, 0, SOCK_STREAM),
            ],
        )
    for name, (number, argument, values) in ONE_OF.items():
        if name in refused:
            continue
        # Equal to the k-th of n values: over the others, and the refusal, to what allows.
        tests = [(EQUAL, len(values) - k, 0, value) for k, value in enumerate(values)]
        code += _block(number, argument, tests)
    for number, argument, bits in NONE_OF.values():
        code += _block(number, argument, [(AND, 0, 0, bits), (EQUAL, 1, 0, 0)])
    code += [
        # Those of newer kernels, and of x32, which has the same calls under other numbers.
        (EQUAL, 1, 0, CLONE3),
        (AT_LEAST, 0, 1, NEWEST + 1),
        (RETURN, 0, 0, ENOSYS),
        (RETURN, 0, 0, EPERM),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in code)


def _block(number: int, argument: int, tests: list[tuple]) -> list[tuple]:
    """Return code for one call: `tests` end at the refusal, or one step beyond it."""
    return [
        (EQUAL, 0, len(tests) + 3, number),
        (LOAD, 0, 0, ARGUMENTS + 8 * argument),
        *tests,
        (RETURN, 0, 0, EPERM),
        (RETURN, 0, 0, ALLOW),
    ]


def confine(*, alone: bool = True) -> None:
    """Give up, in this thread and all that it starts, what a submission must not have."""
    code = program(alone=alone)
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    filter_ = Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_), 0, 0),
    ):
        if libc.prctl(*arguments):
            raise OSError(ctypes.get_errno(), "prctl: " + os.strerror(ctypes.get_errno()))
