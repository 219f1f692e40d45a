"""What a capture can refuse, and how it says so."""

from __future__ import annotations

import warnings
from typing import NamedTuple


class Loss(NamedTuple):
    """One thing that a document cannot carry."""

    object: str  #: name of the Brian2 object
    feature: str  #: what about it
    reason: str  #: why it cannot be carried

    def __str__(self) -> str:
        return f"{self.object}: {self.feature}: {self.reason}"


class EngramError(Exception):
    """Base of the package's own errors; the message is one line."""


class UnsupportedError(EngramError, NotImplementedError):
    """The network holds something that a document cannot carry.

    ``losses`` lists every finding (object, feature, reason); the message joins them.
    """

    def __init__(self, losses: list[Loss]) -> None:
        self.losses = list(losses)
        super().__init__("cannot carry " + "; ".join(str(loss) for loss in self.losses))


class EngramWarning(UserWarning):
    """Something was left out of a document, on request (``on_loss='warn'``)."""


class DocumentError(EngramError):
    """A document does not follow schema.def; the message names the path in it."""


class LibraryError(EngramError):
    """libengram is missing or refused a conversion."""


class LossReport:
    """Collects losses of one capture, so that one error names them all.

    ``on_loss`` is ``'error'`` or ``'warn'``. What would leave a document without meaning
    (``fatal=True``) is an error in either case.
    """

    def __init__(self, on_loss: str = "error") -> None:
        if on_loss not in ("error", "warn"):
            raise ValueError(f"on_loss is {on_loss!r}, expected 'error' or 'warn'")
        self.on_loss = on_loss
        self._losses: dict[Loss, bool] = {}

    def add(self, object: str, feature: str, reason: str, fatal: bool = True) -> None:
        """Note one loss; the same loss twice counts once."""
        loss = Loss(object, feature, reason)
        self._losses[loss] = self._losses.get(loss, False) or fatal

    def __bool__(self) -> bool:
        """Whether anything was noted."""
        return bool(self._losses)

    def settle(self) -> None:
        """Raise UnsupportedError if there are losses that cannot be waived, else warn."""
        losses = list(self._losses)
        if any(self.on_loss == "error" or fatal for fatal in self._losses.values()):
            raise UnsupportedError(losses)
        for loss in losses:
            warnings.warn(f"left out: {loss}", EngramWarning, stacklevel=4)
        self._losses.clear()
