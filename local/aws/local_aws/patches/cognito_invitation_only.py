"""A pool that only administrators may add users to refuses a sign-up.

AWS
    With ``AllowAdminCreateUserOnly``, ``SignUp`` answers ``NotAuthorizedException``.
MiniStack
    Stores the setting and lets everybody in.
Here
    The sign-up is refused before any trigger runs.
"""

from typing import Any

from ministack.services import cognito

from local_aws.patching import Patch, targets_in

MESSAGE = "SignUp is not permitted for this user pool"


def apply() -> None:
    """Stand in front of the sign-up."""
    base_sign_up = cognito._sign_up

    def sign_up(request: dict[str, Any]) -> Any:
        pool = cognito._pool_for_client(request.get("ClientId"))[0] or {}
        if (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
            return cognito.error_response_json("NotAuthorizedException", MESSAGE, 400)
        return base_sign_up(request)

    cognito._sign_up = sign_up


PATCH = Patch(
    name="cognito-invitation-only",
    targets=targets_in(
        "ministack.services.cognito", {"_sign_up": "7c18b40cc080", "_pool_for_client": "ac0cf2128182"}
    ),
    apply=apply,
)
