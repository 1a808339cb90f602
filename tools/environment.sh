#!/bin/sh
# Bring .venv, or another folder, up to date with pyproject.toml and an extra: sh tools/environment.sh EXTRA [FOLDER]
# With uv where it is on the PATH, else with venv and pip. PYTHON names the interpreter to use.
set -eu
extra=$1
folder=${2:-.venv}

give_up() {
    printf 'labsip: %s\n' "$@" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if new_enough "$python"; then return; fi
    done
    python=${PYTHON:-python3}
    there=$("$python" -V 2>/dev/null) || there="no $python"
    give_up "Python 3.11 or newer is needed, and here is $there." \
        "Debian 12, Ubuntu 24.04 or newer:  sudo apt install python3 python3-venv" \
        "macOS:                             brew install python" \
        "anywhere:                          install uv, which brings a Python along" \
        "If there is one under another name, say which: make $extra PYTHON=python3.12"
}

make_with_uv() {
    new_enough "$folder/bin/python" || { rm -rf "$folder" && uv venv --quiet --python "${PYTHON:->=3.11}" "$folder"; }
}

fill_with_uv() {
    uv pip install --quiet --python "$folder/bin/python" -e ".[$extra]"
}

make_with_pip() {
    if new_enough "$folder/bin/python" && "$folder/bin/python" -c 'import pip' 2>/dev/null; then return; fi
    find_python
    "$python" -c 'import ensurepip, venv' 2>/dev/null || give_up \
        "$python lacks its venv module. On Debian and Ubuntu: sudo apt install $(basename "$python")-venv"
    rm -rf "$folder" && "$python" -m venv "$folder"
}

fill_with_pip() {
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -e ".[$extra]"
}

echo "Setting up $folder; the first time this takes a minute or two ..."
if command -v uv >/dev/null 2>&1; then with=uv; else with=pip; fi
"make_with_$with" && "fill_with_$with" || give_up "$with could not set up $folder; its own words are above." \
    "Mend what it names (often: no way to the network), then say make $extra again."
