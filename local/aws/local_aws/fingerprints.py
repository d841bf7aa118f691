"""Print what each patch's targets look like now: ``python -m local_aws.fingerprints``.

For whoever has read a changed target and found the patch still right.
"""

import sys

from local_aws import patches
from local_aws.patching import fingerprint_of


def main() -> int:
    """List every target with its recorded and actual fingerprint; return 1 if one differs."""
    changed = 0
    for patch in patches.selected():
        for target in patch.targets:
            try:
                actual = fingerprint_of(target.module, target.name)
            except LookupError:
                actual = "missing"
            changed += actual != target.fingerprint
            print(f"{patch.name}\t{target.module}:{target.name}\t{target.fingerprint}\t{actual}")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
