"""A Lambda authorizer without an identity source is asked about each request.

AWS
    An authorizer of type REQUEST may name no ``IdentitySource``: it is then asked whatever a request carries.
    With one, a request that lacks it is answered 401, and nobody is asked.
MiniStack
    Gives an authorizer from a template that names none the source ``$request.header.Authorization``, so that
    a request with another header is answered 401.
Here
    A template that names none gets none. Authorizers of type JWT stay as they are: they must name one.
"""

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

from local_aws.patching import Patch, targets_in

Properties = dict[str, Any]
Provisioner = Callable[..., Any]


def with_named_sources(properties: Properties) -> Properties:
    """Return an authorizer's properties that say what they mean where they name no source."""
    if properties.get("AuthorizerType") == "REQUEST" and "IdentitySource" not in properties:
        return {**properties, "IdentitySource": []}
    return properties


def apply() -> None:
    """Wrap the provisioner of authorizers."""
    handler = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Authorizer"]
    base_create: Provisioner = handler["create"]
    base_update: Provisioner = handler["update"]

    def create(logical_id: str, properties: Properties, stack_name: str) -> Any:
        return base_create(logical_id, with_named_sources(properties), stack_name)

    def update(physical_id: str, old: Properties, new: Properties, *rest: Any, **named: Any) -> Any:
        return base_update(physical_id, old, with_named_sources(new), *rest, **named)

    handler["create"], handler["update"] = create, update


PATCH = Patch(
    name="http-api-authorizer-identity",
    targets=targets_in(
        "ministack.services.cloudformation.provisioners",
        {
            "_apigw_v2_authorizer_create": "011125c50072",
            "_apigw_v2_authorizer_update": "54ea4c9df6dc",
        },
    ),
    apply=apply,
)
