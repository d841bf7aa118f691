"""The demo account: signed up as a person would, so that everything which hangs on a sign-up happens."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hopcount_local import cloud
from hopcount_local.errors import DemoError
from hopcount_local.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


def sign_in(settings: Settings, outputs: dict[str, Any]) -> str:
    """Return an access token of the demo account, which is made if it is not there.

    An administrator's confirmation stands for the code that a person reads in the mail; it runs the same
    trigger. The account of an earlier checkout, whose password is lost, gets the new password.
    """
    cognito: CognitoIdentityProviderClient = cloud.client(settings, "cognito-idp")
    try:
        return _access_token(cognito, outputs)
    except (
        cognito.exceptions.NotAuthorizedException,
        cognito.exceptions.UserNotConfirmedException,
        cognito.exceptions.UserNotFoundException,
    ):
        pass
    try:
        _sign_up(cognito, outputs)
        return _access_token(cognito, outputs)
    except ClientError as error:
        raise DemoError(f"The demo account could not be made: {error}") from error


def _sign_up(cognito: CognitoIdentityProviderClient, outputs: dict[str, Any]) -> None:
    pool, user = outputs["userPoolId"], outputs["demoUser"]
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):
        cognito.sign_up(
            ClientId=outputs["userPoolClientId"],
            Username=user["email"],
            Password=user["password"],
            UserAttributes=[{"Name": "email", "Value": user["email"]}],
        )
    found = cognito.admin_get_user(UserPoolId=pool, Username=user["email"])
    if found["UserStatus"] == "UNCONFIRMED":
        cognito.admin_confirm_sign_up(UserPoolId=pool, Username=user["email"])
    cognito.admin_update_user_attributes(
        UserPoolId=pool, Username=user["email"], UserAttributes=[{"Name": "email_verified", "Value": "true"}]
    )
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=user["email"], Password=user["password"], Permanent=True
    )


def _access_token(cognito: CognitoIdentityProviderClient, outputs: dict[str, Any]) -> str:
    user = outputs["demoUser"]
    answer = cognito.initiate_auth(
        ClientId=outputs["userPoolClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user["email"], "PASSWORD": user["password"]},
    )
    return answer["AuthenticationResult"]["AccessToken"]
