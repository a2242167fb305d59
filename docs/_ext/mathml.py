"""Formulas as MathML, which browsers draw by themselves: no script, no font and no network is needed."""
from html import escape

from latex2mathml.converter import convert


def inline(self, node):
    self.body.append(convert(node.astext()))
    raise _skip()


def display(self, node):
    number = ""
    if node["number"]:
        number = f'<span class="eqno">({escape(str(node["number"]))})</span>'
    target = f' id="{escape(node["ids"][0])}"' if node["ids"] else ""
    self.body.append(f'<div class="math"{target}>{convert(node.astext(), display="block")}{number}</div>\n')
    raise _skip()


def _skip():
    from docutils import nodes

    return nodes.SkipNode()


def setup(app):
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
