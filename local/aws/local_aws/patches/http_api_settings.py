"""CORS and route settings of an HTTP API work when a template sets them.

AWS
    ``CorsConfiguration``, ``DefaultRouteSettings`` and ``RouteSettings`` of a template take effect.
MiniStack
    Stores them as the template spells them (``AllowOrigins``); its data plane reads ``allowOrigins``, so that
    a preflight is answered 403.
Here
    The keys are put into the case of the API before the resource is created or updated.
"""

from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

from local_aws.patching import Patch, targets_in

Properties = dict[str, Any]
Provisioner = Callable[..., Any]


def lower_first(settings: Properties) -> Properties:
    """Return the mapping with each key beginning in lower case."""
    return {key[:1].lower() + key[1:]: value for key, value in settings.items()}


def in_api_case(properties: Properties) -> Properties:
    """Return the resource's properties with its nested settings spelled as the API spells them."""
    changed = dict(properties)
    for name in ("CorsConfiguration", "DefaultRouteSettings"):
        if isinstance(changed.get(name), dict):
            changed[name] = lower_first(changed[name])
    if isinstance(changed.get("RouteSettings"), dict):
        changed["RouteSettings"] = {
            route: lower_first(settings) for route, settings in changed["RouteSettings"].items()
        }
    return changed


def _creating(create: Provisioner) -> Provisioner:
    def with_api_case(logical_id: str, properties: Properties, stack_name: str) -> Any:
        return create(logical_id, in_api_case(properties), stack_name)

    return with_api_case


def _updating(update: Provisioner) -> Provisioner:
    def with_api_case(physical_id: str, old: Properties, new: Properties, *rest: Any, **named: Any) -> Any:
        return update(physical_id, old, in_api_case(new), *rest, **named)

    return with_api_case


def apply() -> None:
    """Wrap the provisioners of the API and its stage."""
    for resource_type in ("AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage"):
        handler = provisioners._RESOURCE_HANDLERS[resource_type]
        handler["create"] = _creating(handler["create"])
        handler["update"] = _updating(handler["update"])


PATCH = Patch(
    name="http-api-settings",
    targets=targets_in(
        "ministack.services.cloudformation.provisioners",
        {
            "_apigw_v2_api_create": "0002e18b4198",
            "_apigw_v2_api_update": "d12d60c12ed7",
            "_apigw_v2_stage_props": "471b3f01003c",
            "_apigw_v2_stage_create": "3b67b090432f",
            "_apigw_v2_stage_update": "5a82245316ab",
        },
    ),
    apply=apply,
)
