"""Once per `Idempotency-Key`: Powertools' idempotency, in the service's internal table."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.serialization.custom_dict import CustomDictSerializer
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import TypeAdapter

from hopcount_shared.errors import ConflictError, FieldError, InvalidInputError, UnavailableError
from hopcount_shared.observability import logger
from links.domain.link import REQUEST_MEMORY, Link

_LINK = TypeAdapter(Link)
_SERIALIZER = CustomDictSerializer(
    to_dict=lambda link: _LINK.dump_python(link, mode="json"), from_dict=_LINK.validate_python
)


def create_store(dynamodb: Any, table_name: str) -> DynamoDBPersistenceLayer:
    """Make the store of the keys in the service's internal table."""
    return DynamoDBPersistenceLayer(table_name, expiry_attr="ttl", boto3_client=dynamodb)


class PowertoolsOncePerKey:
    """Runs what makes a link once per caller and key, and remembers the link for a day.

    Parameters
    ----------
    store
        Where the keys are kept; hashed, as are the bodies.
    context
        The invocation, whose time limit tells for how long it may hold a key.
    """

    def __init__(self, store: DynamoDBPersistenceLayer, context: LambdaContext) -> None:
        self._store = store
        self._config = IdempotencyConfig(
            event_key_jmespath="[owner, key]",
            payload_validation_jmespath="content",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=int(REQUEST_MEMORY.total_seconds()),
            hash_function="sha256",
            lambda_context=context,
        )

    def run(self, *, owner: str, key: str, content: str, make: Callable[[], Link]) -> Link:
        """Return what `make` returned when this key was first seen."""
        once = idempotent_function(
            lambda **_: make(),
            data_keyword_argument="request",
            persistence_store=self._store,
            config=self._config,
            output_serializer=_SERIALIZER,
            key_prefix="create-link",
        )
        try:
            link: Link = once(request={"owner": owner, "key": key, "content": content})
        except IdempotencyValidationError:
            raise InvalidInputError([FieldError("idempotency-key", "was used for another request")]) from None
        except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError):
            raise ConflictError("a request with this Idempotency-Key is being worked on") from None
        except IdempotencyPersistenceLayerError as error:
            logger.exception("idempotency keys cannot be kept")
            raise UnavailableError("try again in a moment", retry_after=1) from error
        return link
