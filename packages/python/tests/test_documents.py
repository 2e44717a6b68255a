"""Every program in Python that the documents show is checked by its types."""

import subprocess
import sys
from pathlib import Path

from documents import all_blocks


def test_the_blocks_of_python_pass_the_type_checker(tmp_path: Path):
    blocks = all_blocks()
    assert sum("site/src/content" in block.place for block in blocks) > 40, "first: tallystick docs --pages-only"
    assert sum("site/src/content" not in block.place for block in blocks) > 10
    places = {}
    for at, block in enumerate(blocks):
        file = tmp_path / f"block_{at}.py"
        file.write_text(f"{block.given}\n{block.code}")
        places[file.name] = block.place
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict-optional", "--no-error-summary", "--cache-dir", str(tmp_path / "cache"), "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    complaints = checked.stdout + checked.stderr
    for name, place in places.items():
        complaints = complaints.replace(f"{name}:", f"{place}: line ")
    assert complaints == ""
    assert checked.returncode == 0
