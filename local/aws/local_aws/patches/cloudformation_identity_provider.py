"""A template can connect a user pool to an identity provider.

AWS
    ``AWS::Cognito::UserPoolIdentityProvider`` is a resource type.
MiniStack
    Has the API and no resource type: the stack fails.
Here
    The type is provisioned through that API.
"""

from typing import Any

from ministack.services import cognito
from ministack.services.cloudformation import provisioners

from local_aws.patching import Patch, targets_in

Properties = dict[str, Any]


def _checked(response: Any) -> None:
    status, _headers, body = response
    if status >= 400:
        raise ValueError(f"AWS::Cognito::UserPoolIdentityProvider: {body!r}")


def create(logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Properties]:
    """Create the provider; CloudFormation's reference to it is its name."""
    del logical_id, stack_name
    _checked(cognito._create_identity_provider(dict(properties)))
    return properties["ProviderName"], {}


def update(physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Properties]:
    """Change the provider in place; name, type and pool cannot change without a new one."""
    if any(new[name] != old[name] for name in ("ProviderName", "ProviderType", "UserPoolId")):
        delete(physical_id, old)
        return create(physical_id, new, stack_name)
    _checked(cognito._update_identity_provider(dict(new)))
    return physical_id, {}


def delete(physical_id: str, properties: Properties) -> None:
    """Remove the provider; it or its pool may be gone already."""
    cognito._delete_identity_provider({"UserPoolId": properties["UserPoolId"], "ProviderName": physical_id})


def apply() -> None:
    """Register the resource type."""
    provisioners._RESOURCE_HANDLERS["AWS::Cognito::UserPoolIdentityProvider"] = {
        "create": create,
        "update": update,
        "delete": delete,
    }


PATCH = Patch(
    name="cloudformation-identity-provider",
    targets=(
        targets_in(
            "ministack.services.cognito",
            {
                "_create_identity_provider": "f1c22c448fcd",
                "_update_identity_provider": "533e40d7203d",
                "_delete_identity_provider": "ec86f0c8b610",
            },
        )
        + targets_in(
            "ministack.services.cloudformation.provisioners", {"_provision_resource": "3b8f01fb1871"}
        )
    ),
    apply=apply,
)
