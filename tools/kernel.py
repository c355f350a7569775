"""A Python kernel that notes which files and folders its cells read: tools/execute.py starts it.

Its first argument is the file to note them in, a line each; the others are ipykernel's. Python
itself tells of each open file, those of imports too (https://peps.python.org/pep-0578/).
"""

import os
import sys

WRITING = os.O_WRONLY | os.O_RDWR


def note_reads(notes):
    """Write the path of each file that is opened for reading, or folder that is listed."""
    out = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    noted = set()

    def hear(event, arguments):
        if event == "open":
            path, _, flags = arguments
            if flags & WRITING:
                return
        elif event in ("os.listdir", "os.scandir"):
            path = arguments[0] or "."
            if "importlib" in sys._getframe(1).f_code.co_filename:  # it looks for modules
                return
        else:
            return
        if isinstance(path, (str, bytes, os.PathLike)):
            path = os.path.abspath(os.fsdecode(path))
            if path not in noted:
                noted.add(path)
                os.write(out, os.fsencode(f"{path}\n"))

    sys.addaudithook(hear)


if __name__ == "__main__":
    note_reads(sys.argv.pop(1))
    del sys.path[0]  # this folder: cells see what they would see in any kernel
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
