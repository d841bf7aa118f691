"""The OpenAPI document: `python -m tools.openapi write | check | release`."""

import argparse
import sys

from tools.openapi.breaking import breaking_changes
from tools.openapi.document import PATH_IN_REPOSITORY, build, write
from tools.openapi.releases import major, newest, released_path
from tools.openapi.schemas import Json
from tools.templates import ROOT


def main() -> int:
    """Do what the command line asks; 0 if all is well."""
    parser = argparse.ArgumentParser(description="The OpenAPI document, from the code that answers")
    parser.add_argument(
        "do",
        choices=("write", "check", "release"),
        help="write it; check that it is current and breaks no released client; keep it as released",
    )
    asked = parser.parse_args()
    document = build()
    path = ROOT / PATH_IN_REPOSITORY
    if asked.do == "write":
        path.write_text(write(document))
        return 0
    if path.read_text() != write(document):
        return _fail(f"{PATH_IN_REPOSITORY} is not what the code says: run `make openapi`")
    released = newest()
    if released and major(released) == major(document):
        broken = breaking_changes(released, document)
        if broken:
            was = released["info"]["version"]
            print("\n".join(broken), file=sys.stderr)
            return _fail(f"this breaks clients of {was}: take it back, or raise the major version")
    if asked.do == "release":
        return _release(document)
    return 0


def _release(document: Json) -> int:
    kept = released_path(document)
    if kept.exists() and kept.read_text() != write(document):
        return _fail(f"{document['info']['version']} was released, and was another: raise the version")
    kept.write_text(write(document))
    return 0


def _fail(message: str) -> int:
    print(f"openapi: {message}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
