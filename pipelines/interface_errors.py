"""What the interfaces refuse; see `pipelines.errors`."""

from __future__ import annotations

from pipelines.errors import MediaRejected, MinwonError


class LinkNotOpened(MediaRejected):
    """A sender named an address of a picture instead of sending it; nothing is ever fetched."""

    code = "link.not_opened"


class KeyInvalid(MinwonError):
    """A key that can't be made or found. Facts: problem."""

    code = "key.invalid"


class HookInvalid(MinwonError):
    """A webhook that can't be kept. Facts: problem."""

    code = "hook.invalid"


class AddressRefused(MinwonError):
    """The operator's list does not allow this address. Facts: host."""

    code = "address.refused"


class ApiError(MinwonError):
    """Root of what only programs are told."""

    code = "api.error"


class ApiKeyNeeded(ApiError):
    """The call needs a key, and none or a wrong one was given."""

    code = "api.key_needed"


class ApiRightNeeded(ApiError):
    """The key does not have the right for this. Facts: right."""

    code = "api.right_needed"


class ApiForeignOrigin(ApiError):
    """A page of another site made a browser call us."""

    code = "api.foreign_origin"


class ApiTooMany(ApiError):
    """Too many calls. Facts: wait_s."""

    code = "api.too_many"


class ApiBusy(ApiError):
    """The queue of cases is full. Facts: waiting, wait_s."""

    code = "api.busy"


class ApiTooLarge(ApiError):
    """The body of a call. Facts: limit_mb."""

    code = "api.too_large"


class ApiInvalid(ApiError):
    """A field of a call can't be taken. Facts: field, problem (missing, unknown, value, length)
    and limit where it is the length.
    """

    code = "api.invalid"


class ApiReplayed(ApiError):
    """The same Idempotency-Key came with another content."""

    code = "api.replayed"


class ApiNotFound(ApiError):
    """There is nothing at this address."""

    code = "api.not_found"


class ApiMethodUnknown(ApiError):
    """The address is right, the method is not."""

    code = "api.method_unknown"


class ApiNotAnswered(ApiError):
    """Nobody has answered the case yet."""

    code = "api.not_answered"


class ApiHumanNeeded(ApiError):
    """Only a person who is signed in may do this; no program may. Facts: state."""

    code = "api.human_needed"
