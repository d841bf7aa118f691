"""What ends a command with one line instead of a traceback.

CommandError             what was asked for cannot be done; exit code 2
├── UsageError           it was not asked for in a way that can be understood
├── DeploymentError      there is no such deployment, or it lacks something
└── StandstillError      the folder could not be kept out for as long as it takes
"""


class CommandError(Exception):
    """Base of everything that is told in one line."""


class UsageError(CommandError):
    """Options that make no sense, or not together."""


class DeploymentError(CommandError):
    """No such deployment, or one that does not export what is needed."""


class StandstillError(CommandError):
    """Counting could not be held still for as long as it takes to look."""
