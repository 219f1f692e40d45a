"""What a capture can refuse, and how it says so."""

from __future__ import annotations

import warnings
from typing import NamedTuple


class Loss(NamedTuple):
    """One thing that a document cannot carry."""

    object: str  #: name of the Brian2 object
    feature: str  #: what about it
    reason: str  #: why it cannot be carried
    severity: str = "lost"  #: or 'changed': in the document, but not as it was
    advice: str = ""  #: what to do about it

    def __str__(self) -> str:
        advice = f"; {self.advice}" if self.advice else ""
        return f"{self.object}: {self.feature}: {self.reason}{advice}"

    def element(self) -> dict[str, str]:
        """The `loss` element of a document."""
        return {"element": self.object, "field": self.feature, "severity": self.severity,
                "reason": self.reason, "advice": self.advice}

    @classmethod
    def of(cls, element: dict[str, str]) -> Loss:
        """The loss that a document's element tells."""
        return cls(element["element"], element["field"], element["reason"],
                   element["severity"], element.get("advice", ""))


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
    """A document lacks something: on request (``on_loss='warn'``), or nobody can tell."""


class DocumentError(EngramError):
    """A document does not follow schema.def; the message names the path in it."""


class LibraryError(EngramError):
    """libengram is missing or refused a conversion."""


class ResultsError(EngramError):
    """No results file, or it lacks what was asked for."""


class MissingError(EngramError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""

    @classmethod
    def of(cls, package: str, purpose: str) -> MissingError:
        """`package` is missing, which `purpose` need."""
        return cls(f"{package} is not installed, {purpose} need it: "
                   "pip install 'brian2engram[plot]'")


class LossReport:
    """Collects losses of one capture, so that one error names them all.

    ``on_loss`` is ``'error'`` or ``'warn'``. What would leave a document without meaning
    (``fatal=True``) is an error in either case, what only may have been lost
    (``certain=False``) in neither: it is a warning. ``waived`` are the losses that were
    warned of; they belong into the document and to the caller.
    """

    def __init__(self, on_loss: str = "error") -> None:
        if on_loss not in ("error", "warn"):
            raise ValueError(f"on_loss is {on_loss!r}, expected 'error' or 'warn'")
        self.on_loss = on_loss
        self.waived: list[Loss] = []
        self._losses: dict[Loss, int] = {}  #: to how grave it is: 0 may be, 1 is, 2 fatal

    def add(self, object: str, feature: str, reason: str, fatal: bool = True, *,
            severity: str = "lost", advice: str = "", certain: bool = True) -> None:
        """Note one loss; the same loss twice counts once."""
        loss = Loss(object, feature, reason, severity, advice)
        grave = 0 if not certain else 2 if fatal else 1
        self._losses[loss] = max(self._losses.get(loss, 0), grave)

    def __bool__(self) -> bool:
        """Whether anything was noted."""
        return bool(self._losses)

    def refuses(self) -> bool:
        """Whether there are losses that cannot be waived."""
        return any(grave >= (1 if self.on_loss == "error" else 2)
                   for grave in self._losses.values())

    def settle(self) -> None:
        """Raise UnsupportedError if there are losses that cannot be waived, else warn."""
        if self.refuses():
            raise UnsupportedError([loss for loss, grave in self._losses.items() if grave])
        for loss, grave in self._losses.items():
            how = "may be lost" if not grave else "left out" if loss.severity == "lost" \
                else "changed"
            warnings.warn(f"{how}: {loss}", EngramWarning, stacklevel=4)
            self.waived.append(loss)
        self._losses.clear()

    def elements(self) -> list[dict[str, str]]:
        """The document's `losses`: what was waived so far."""
        return [loss.element() for loss in self.waived]
