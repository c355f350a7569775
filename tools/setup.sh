#!/usr/bin/env bash
# Sets up what every `make` command needs: .venv and node_modules, all versions
# pinned. Debian packages too, where this user may install them. Given programs,
# it sets up only those: chromium, with a font to show and the library that
# Playwright's driver needs, bwrap or ffmpeg.
#
# TORCH_INDEX says where PyTorch comes from; by default its CPU build, where that can be reached.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo"
may_install() {
    command -v apt-get >/dev/null && { [ -z "$as_root" ] || sudo -n true 2>/dev/null; }
}
# Debian has a Chromium without windows, which draws nothing around a page.
has_shell() {
    apt-cache search -n '^chromium-headless-shell$' 2>/dev/null | grep -q .
}

missing=()
if [ $# -gt 0 ]; then
    for program in "$@"; do
        case $program in
            bwrap) package=bubblewrap ;;
            chromium)
                ! command -v chromium-headless-shell >/dev/null || continue
                if has_shell && may_install; then program=chromium-headless-shell; fi
                package="chromium fonts-dejavu-core libatomic1" ;;
            *) package=$program ;;
        esac
        # shellcheck disable=SC2206
        command -v "$program" >/dev/null || missing+=($package)
    done
else
    "$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
    command -v node >/dev/null || missing+=(nodejs)
    command -v npm >/dev/null || missing+=(npm)
fi
if [ ${#missing[@]} -gt 0 ]; then
    if may_install; then
        $as_root apt-get update -qq
        ! has_shell || missing=("${missing[@]/#chromium/chromium-headless-shell}")
        echo "Installing with apt-get: ${missing[*]}"
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends \
            "${missing[@]}" >/dev/null
    else
        echo "Missing on this machine: ${missing[*]}. Install them, on Debian or Ubuntu with" >&2
        echo "    sudo apt-get install ${missing[*]}" >&2
        echo "and run make again." >&2
        exit 1
    fi
fi
[ $# -eq 0 ] || exit 0
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed; '$python' is $("$python" --version)." >&2
    echo "Name another one, such as: make PYTHON=python3.11 book" >&2
    exit 1
fi

echo "Setting up .venv (the first time: about 1.4 GB, half of it PyTorch)"
[ -x .venv/bin/python ] || "$python" -m venv .venv
pip=(.venv/bin/python -m pip --disable-pip-version-check)

uv=.venv/bin/uv
[ -x $uv ] || "${pip[@]}" install -q "$(grep -o '^uv==[^ ]*' requirements.txt)" || true
# uv does not read pip's settings, and without pip's find-links it may take
# PyTorch's CUDA build, gigabytes of it, where a CPU build lies ready.
find_links=${PIP_FIND_LINKS:-$("${pip[@]}" config get global.find-links 2>/dev/null || true)}
export UV_FIND_LINKS=${UV_FIND_LINKS:-${find_links//\'/}}
# Compiled now: a sandbox cannot write the compiled files, and would compile at every start.
install() {
    $uv pip install -q --compile-bytecode --python .venv/bin/python \
        --excludes tools/excludes.txt "$@" && return
    echo "uv did not manage; installing with pip, which takes some minutes"
    "${pip[@]}" install -q "$@"
}

# PyTorch first, and from there nothing else: on PyPI its build for Linux is the one for CUDA.
torch=$(grep -o '^torch==[^ ]*' requirements.txt)
cpu=https://download.pytorch.org/whl/cpu
index=${TORCH_INDEX-$cpu}
if ! .venv/bin/python -c "import importlib.metadata as m, sys
sys.exit('$torch' != 'torch==' + m.version('torch').split('+')[0])" 2>/dev/null; then
    there=""
    # --isolated: of pip's settings, none that would find it elsewhere.
    [ -z "$index" ] || there=$(timeout 10 "${pip[@]}" --isolated index versions torch \
        --timeout 5 --retries 0 --index-url "$index" 2>/dev/null || true)
    if grep -qwF "${torch#torch==}" <<<"$there"; then
        echo "PyTorch comes from $index"
        UV_FIND_LINKS="" PIP_FIND_LINKS="" install --no-deps --index-url "$index" "$torch"
    elif [ -z "$index" ] || [ "$index" = $cpu ]; then
        [ -z "$index" ] || echo "There is no $torch to be had at $index"
        echo "PyTorch comes from where pip is set to look: on Linux, PyPI has the build for CUDA"
    else
        echo "There is no $torch to be had at $index, which TORCH_INDEX names." >&2
        echo "Name another one, or none: make TORCH_INDEX= book" >&2
        exit 1
    fi
fi
install -r requirements.txt -c constraints.txt -e .

npm ci --silent --no-audit --no-fund
