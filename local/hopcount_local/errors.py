"""What can go wrong while the product starts or stops here.

LocalError               said to the user as it is, without a traceback
├── SettingsError        an environment variable is malformed
├── PortTakenError       another program listens where ours should
├── ProcessDiedError     a background process ended instead of answering
├── NotReadyError        something did not answer in time
├── BuildError           the site could not be built
├── DeployError          the Serverless CLI failed
└── DemoError            the demo account or its links could not be made
"""


class LocalError(Exception):
    """Base of everything that ends a command with a message."""


class SettingsError(LocalError):
    """An environment variable is malformed."""


class PortTakenError(LocalError):
    """Another program listens where ours should."""


class ProcessDiedError(LocalError):
    """A background process ended instead of answering."""


class NotReadyError(LocalError):
    """Something did not answer in time."""


class BuildError(LocalError):
    """The site could not be built."""


class DeployError(LocalError):
    """The Serverless CLI failed."""


class DemoError(LocalError):
    """The demo account or its links could not be made."""
