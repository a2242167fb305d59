"""Formulas as MathML, which browsers draw by themselves: no script and no network is needed.

Browsers want a font that knows how formulas are spaced. Where the STIX font of the system is found, its signs that formulas need
are put into a style sheet of the site; elsewhere the reader's own fonts serve.
"""
import base64
import io
import pathlib
from html import escape

from docutils import nodes
from latex2mathml.converter import convert

FONT = pathlib.Path("/usr/share/fonts/opentype/stix-word/STIXMath-Regular.otf")
# Latin, Greek, punctuation, arrows, operators, brackets, italic letters.
SIGNS = [(0x20, 0x7E), (0xA0, 0xFF), (0x391, 0x3F6), (0x2010, 0x2044), (0x2090, 0x209C), (0x2100, 0x214F), (0x2190, 0x21FF),
         (0x2200, 0x22FF), (0x2300, 0x2335), (0x23B0, 0x23E1), (0x27E6, 0x27EF), (0x2A00, 0x2A0F), (0x1D434, 0x1D467),
         (0x1D5A0, 0x1D5D3), (0x1D6E2, 0x1D71B)]


def inline(self, node):
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def display(self, node):
    place = f' id="{escape(node["ids"][0])}"' if node["ids"] else ""
    number = f'<span class="eqno">({escape(str(node["number"]))})</span>' if node["number"] else ""
    self.body.append(f'<div class="formula"{place}><div>{convert(node.astext(), display="block")}</div>{number}</div>\n')
    raise nodes.SkipNode


def style_sheet():
    if not FONT.exists():
        return "/* no font for formulas was found in the build */\n"
    from fontTools import subset

    options = subset.Options(flavor="woff", layout_features=["*"], notdef_outline=True, drop_tables=["FFTM"])
    font = subset.load_font(str(FONT), options)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=[sign for first, last in SIGNS for sign in range(first, last + 1)])
    chosen.subset(font)
    file = io.BytesIO()
    subset.save_font(font, file, options)
    data = base64.b64encode(file.getvalue()).decode()
    return ('@font-face { font-family: "Swell Math"; src: local("STIX Two Math"), '
            f'url("data:font/woff;base64,{data}") format("woff"); }}\nmath {{ font-family: "Swell Math", math; }}\n')


def write_style_sheet(app, config):
    folder = pathlib.Path(app.doctreedir).parent / "static"
    folder.mkdir(parents=True, exist_ok=True)
    sheet = folder / "mathml.css"
    text = style_sheet()
    if not sheet.exists() or sheet.read_text() != text:
        sheet.write_text(text)
    config.html_static_path.append(str(folder))


def setup(app):
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(display, None))
    app.connect("config-inited", write_style_sheet)
    app.add_css_file("mathml.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
