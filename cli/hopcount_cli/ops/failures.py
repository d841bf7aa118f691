"""What AWS refuses, told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from hopcount_cli.errors import CommandError, NetworkError, SessionError
from hopcount_shared.aws import error_code
from hopcount_shared.errors import HopcountError


@contextmanager
def told_in_a_line() -> Iterator[None]:
    """Turn what AWS libraries and the engine raise into errors of this command.

    Raises
    ------
    hopcount_cli.errors.CommandError
        If AWS refuses, or the engine does.
    hopcount_cli.errors.SessionError
        If there are no AWS credentials.
    hopcount_cli.errors.NetworkError
        If AWS does not answer, or fails.
    """
    try:
        yield
    except ClientError as error:
        message = error.response.get("Error", {}).get("Message", "")
        told = f"AWS refused {error.operation_name}: {error_code(error)}: {message}"
        failed = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
        raise (NetworkError(told) if failed else CommandError(told)) from None
    except NoCredentialsError as error:
        raise SessionError(f"AWS cannot be asked: {error}") from None
    except BotoCoreError as error:
        raise NetworkError(f"AWS cannot be asked: {error}") from None
    except HopcountError as error:
        raise CommandError(str(error)) from None
