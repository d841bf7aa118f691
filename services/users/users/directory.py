"""The user pool, as far as deleting an account goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from hopcount_shared.aws import error_code

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient


class CognitoDirectory:
    """People in a Cognito user pool, named by their `sub`, as the pool's own users can be.

    Parameters
    ----------
    cognito
        A boto3 Cognito client.
    user_pool_id
        The pool.
    """

    def __init__(self, cognito: "CognitoIdentityProviderClient", user_pool_id: str) -> None:
        self._cognito = cognito
        self._user_pool_id = user_pool_id

    def close(self, user_id: str) -> None:
        """Let the user sign in no more, and end what they are signed in to.

        An API that checks tokens without asking the pool, as ours does, takes those that are out until they
        expire.
        """
        with _nobody_is_no_error():
            self._cognito.admin_disable_user(UserPoolId=self._user_pool_id, Username=user_id)
            self._cognito.admin_user_global_sign_out(UserPoolId=self._user_pool_id, Username=user_id)

    def open(self, user_id: str) -> None:
        """Let the user sign in again."""
        with _nobody_is_no_error():
            self._cognito.admin_enable_user(UserPoolId=self._user_pool_id, Username=user_id)

    def delete(self, user_id: str) -> None:
        """Delete the user."""
        with _nobody_is_no_error():
            self._cognito.admin_delete_user(UserPoolId=self._user_pool_id, Username=user_id)


@contextmanager
def _nobody_is_no_error() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error_code(error) != "UserNotFoundException":
            raise
