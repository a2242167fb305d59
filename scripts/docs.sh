#!/usr/bin/env bash
# Builds the documentation site and checks it. `make docs` sets up what it needs.
#   scripts/docs.sh FOLDER [FOLDER OF THE PYTHON PACKAGE]     (build/release/python)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
site=${1:?scripts/docs.sh: name the folder of the site}
package=$(cd "${2:-$root/build/release/python}" && pwd)
python=$root/build/docs-venv/bin/python
export PYTHONPATH=$package PYTHONDONTWRITEBYTECODE=1
"$python" -m sphinx -W --keep-going --quiet --builder html --doctree-dir "$root/build/docs-cache/doctrees" "$root/docs" "$site"
"$python" "$root/tests/docs/built_site.py" "$site"
echo "the site: $site/index.html"
