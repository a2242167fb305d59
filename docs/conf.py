"""The documentation site: `make docs` writes it to build/docs. Everything that a page needs is in that folder."""
import hashlib
import logging
import os
import pathlib
import re
import shutil
import sys

DOCS = pathlib.Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS / "_ext"))

import swell  # noqa: E402  (of the build folder, which PYTHONPATH names)

project = "Swell"
author = "The Swell developers"
copyright = author
version = release = re.search(r"project\(swell VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton", "sphinx_design",
              "mathml", "drawings", "cpp_headers"]
exclude_patterns = ["_ext", "_static", "requirements.*", "*.json", "pictures"]
source_suffix = {".md": "myst-nb"}
nitpicky = True
html_math_renderer = "mathml"

# Pages
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence", "attrs_block", "attrs_inline"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # pages that begin below the top level

# Tutorials run in the build, and a cell that fails stops it. Results are kept for as long as the page and the package
# are the same: a change of either runs the page again.
package = pathlib.Path(swell.__file__).parent
digest = hashlib.sha256()
for part in sorted(package.iterdir()):
    if part.suffix in (".py", ".so"):
        digest.update(part.read_bytes())
results = ROOT / "build/docs-cache/results" / digest.hexdigest()[:16]
for earlier in results.parent.glob("*"):
    if earlier != results:
        shutil.rmtree(earlier)
nb_execution_mode = "cache"
nb_execution_cache_path = str(results)
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
nb_execution_show_tb = True
nb_execution_in_temp = True
os.environ["PYTHONPATH"] = str(package.parent)
os.environ["MPLCONFIGDIR"] = str(ROOT / "build/docs-cache")
os.environ["PYTHONHASHSEED"] = "0"
# The kernels take no settings of the user, and say only what went wrong.
profile = ROOT / "build/docs-cache/ipython/profile_default"
profile.mkdir(parents=True, exist_ok=True)
(profile / "ipython_kernel_config.py").write_text("get_config().Application.log_level = 'ERROR'\n")
os.environ["IPYTHONDIR"] = str(profile.parent)
logging.getLogger("traitlets").setLevel(logging.WARNING)

# Python reference
default_role = "literal"  # what stands in single backquotes in a docstring
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 100
autodoc_preserve_defaults = True
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_preprocess_types = False
napoleon_custom_sections = [("Options", "params_style")]
python_use_unqualified_type_names = True
autodoc_type_aliases = {name: name for name in ("Floats", "Ints", "Spins", "Progress", "ScheduleLike")}
# Names of other packages, and words of docstrings that stand where a type would.
nitpick_ignore_regex = [("py:.*", r"(?!swell\b).*"), ("cpp:identifier", r"(?!swell).*"), ("cpp:identifier", "swell"),
                       ("py:class", r"swell\.linalg\.Options")]

# Look
html_theme = "furo"
html_title = f"Swell {release}"
html_static_path = ["_static"]
html_css_files = ["swell.css"]
pygments_dark_style = "github-dark"
# The page that runs machines in the browser is built elsewhere (scripts/web.sh). Where it is, the site has it, and what
# is said of it under `only page`.
play = ROOT / "build/web/swell.html"
if play.exists():
    html_extra_path = [str(play)]
    tags.add("page")  # noqa: F821  (Sphinx gives it)
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b6e8f", "color-brand-content": "#0b6e8f"},
    "dark_css_variables": {"color-brand-primary": "#6cc7e6", "color-brand-content": "#6cc7e6"},
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def setup(app):
    first = {}

    def before_napoleon(app, what, name, obj, options, lines):
        """Pages of docs/ that a docstring names become links. The first paragraph of a property is kept from Napoleon,
        which takes what stands before a colon for a type."""
        lines[:] = [re.sub(r"docs/(\w+)\.md", r":doc:`/\1`", line) for line in lines]
        if what in ("property", "attribute") and "" in lines:
            end = lines.index("")
            first[name] = lines[:end]
            lines[:end] = ["first paragraph"]

    def after_napoleon(app, what, name, obj, options, lines):
        if name in first:
            at = lines.index("first paragraph")
            lines[at:at + 1] = first.pop(name)

    def short_names(app, what, name, obj, options, signature, returns):
        return tuple(text and re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text) for text in (signature, returns))

    app.connect("autodoc-process-docstring", before_napoleon, priority=400)
    app.connect("autodoc-process-docstring", after_napoleon, priority=600)
    app.connect("autodoc-process-signature", short_names)
