"""A filter of system calls, for bubblewrap's option ``--seccomp``.

It refuses what no cell needs and no limit bounds: memory that belongs to no
process (System V objects, memory files), the kernel's keyrings, which
submissions would share, and the calls that most of the kernel's holes were in.
"""

import platform
import struct

# Numbers on x86_64 and aarch64, from the kernel's tables of system calls.
REFUSED = {
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
}
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_*, <linux/audit.h>

# <linux/bpf_common.h> and <linux/seccomp.h>
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
OTHER_ABI = 0x40000000  # x32: the same calls under other numbers


def program():
    """Return the filter in classic BPF; it allows all where the numbers are not known."""
    machine = platform.machine()
    allow = [(RETURN, 0, 0, ALLOW)]
    if machine not in ARCHITECTURES:
        return _assemble(allow)
    column = list(ARCHITECTURES).index(machine)
    code = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, EPERM),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, OTHER_ABI),
        (RETURN, 0, 0, ENOSYS),
    ]
    for numbers in REFUSED.values():
        code += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, EPERM)]
    return _assemble(code + allow)


def _assemble(code):
    return b"".join(struct.pack("=HBBI", *step) for step in code)
