"""The blocks of Python in the documents, and in the pages that ``tallystick docs`` writes."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>[^\s`]*)(?P<meta>[^\n]*)\n(?P<code>.*?)^ *```$", re.DOTALL | re.MULTILINE)
_GIVEN = re.compile(r"<!-- given:\n(.*?)-->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code, with its place."""

    place: str
    code: str
    #: The file that it shows, if it names one.
    file: str | None
    #: Code that a check puts before it.
    given: str


def blocks_of(path: Path) -> list[Block]:
    """Lists the blocks of Python of a document."""
    text = path.read_text()
    blocks: list[Block] = []
    end = 0
    for found in _BLOCK.finditer(text):
        given = _GIVEN.findall(text[end : found.start()])
        end = found.end()
        if found["language"] != "python":
            continue
        indent = len(found["indent"])
        title = re.search(r'title="([^"]+)"', found["meta"])
        blocks.append(
            Block(
                place=f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, found.start()) + 1}",
                code=_without_indent(found["code"], indent),
                file=title[1] if title else None,
                given=_without_indent(given[-1], indent) if given else "",
            )
        )
    return blocks


def all_blocks() -> list[Block]:
    """Lists the blocks of every document and every derived page."""
    documents = [*ROOT.glob("docs/*.md"), *ROOT.glob("docs/start/*.md"), *ROOT.glob("docs/guides/*.md")]
    pages = ROOT.glob("docs/site/src/content/docs/**/*.mdx")
    return [
        block
        for path in [*documents, ROOT / "packages/python/README.md", *sorted(pages)]
        for block in blocks_of(path)
    ]


def shown(page: str, file: str) -> str:
    """Returns the program that a page shows under the name of a file."""
    return next(block.code for block in blocks_of(ROOT / page) if block.file == file)


def _without_indent(text: str, indent: int) -> str:
    return "".join(line[indent:] if line.strip() else line for line in text.splitlines(keepends=True))
