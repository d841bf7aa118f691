"""The table of patches in the documentation is the list of patches."""

import re

from local_aws import patches
from tests.emulator import FOLDER

PAGE = FOLDER.parents[1] / "docs" / "local-vs-aws.md"


def test_every_patch_has_its_row() -> None:
    section = PAGE.read_text().split("\n## Patched\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)
    assert rows == [module.replace("_", "-") for module in patches.MODULES]
