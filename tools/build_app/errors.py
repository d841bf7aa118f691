"""What can go wrong while the site is built.

BuildError          said as it is, without a traceback
├── AnchorError     a library's file does not look as a patch expects
└── WheelError      a wheel is not in the lock, or is not what the lock says
"""


class BuildError(Exception):
    """Base of everything that ends a build with a message."""


class AnchorError(BuildError):
    """A library's file does not look as a patch expects: the library was changed, so look at the patch."""


class WheelError(BuildError):
    """A wheel is not in the lock, or is not what the lock says."""
