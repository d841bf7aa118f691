"""What can go wrong between here and AWS.

::

    AwsError
    ├── UnansweredError     no answer that could be understood: not connected, cut off, too slow, malformed
    ├── RefusedError        an answer that says no (`status`, `code`)
    └── CredentialsError    nobody to sign as
"""


class AwsError(Exception):
    """A call to AWS failed, whatever was tried."""


class UnansweredError(AwsError):
    """There was no answer that could be understood. The call may have been carried out."""


class RefusedError(AwsError):
    """AWS answered with an error.

    Parameters
    ----------
    status
        HTTP status.
    code
        AWS's name for the error, for instance `ThrottlingException`; empty if it gave none.
    """

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}".rstrip())
        self.status = status
        self.code = code


class CredentialsError(AwsError):
    """There are no credentials, or they cannot be fetched."""
