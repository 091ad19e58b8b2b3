"""How engines and the servers behind them fail; see `pipelines.errors`."""

from __future__ import annotations

from pipelines.errors import ModelError


class ModelNotHere(ModelError):
    """Known, but nothing is set up that could run it. Facts: name."""

    code = "model.not_here"


class ModelTooLarge(ModelError):
    """It needs more memory than is free. Facts: needed_mb, free_mb."""

    code = "model.too_large"


class ModelUnloadable(ModelError):
    """Its folder can't be loaded. Facts: name, problem (ours, short)."""

    code = "model.unloadable"


class ServerUnreachable(ModelError):
    """No connection to the server of the model."""

    code = "server.unreachable"


class ServerRefused(ModelError):
    """The server of the model won't answer: key, name or request are wrong. Facts: status."""

    code = "server.refused"


class ServerBusy(ModelError):
    """The server of the model has too much to do. Facts: status, wait_s (0 where unsaid)."""

    code = "server.busy"


class ServerBroke(ModelError):
    """The server of the model failed or went away in the middle of its answer."""

    code = "server.broke"


class ServerStalled(ModelError):
    """The server of the model fell silent. Facts: silent_s."""

    code = "server.stalled"


class ServerStrange(ModelError):
    """What answers at that address is no model: a web page, say. Facts: what."""

    code = "server.strange"


class ModelResting(ModelError):
    """The server of the model failed several times and is left alone. Facts: wait_s."""

    code = "model.resting"
