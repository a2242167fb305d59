"""Tables in the pages of docs/, shared by the scripts that measure: text between `<!-- NAME -->` and `<!-- end -->` is theirs."""
import re


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def fill(page, name, text):
    content = page.read_text()
    new, count = re.subn(rf"(<!-- {name} -->\n).*?(<!-- end -->)", lambda match: f"{match[1]}{text}\n{match[2]}", content, flags=re.S)
    if count != 1:
        raise SystemExit(f"{page.name}: one place marked <!-- {name} --> is needed, there are {count}")
    page.write_text(new)
