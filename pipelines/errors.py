"""The error tree: one class for each cause, each with a stable code.

An error carries `facts` (numbers, limits, never a person's words); the sentence that a person
reads is made from code and facts by `pipelines.wording`, in the reader's language.
"""

from __future__ import annotations

from typing import ClassVar

Fact = str | int | float


class MinwonError(Exception):
    """Root of all errors that we raise on purpose."""

    code: ClassVar[str] = "error"

    def __init__(self, **facts: Fact) -> None:
        self.facts: dict[str, Fact] = facts
        super().__init__(self.code, facts)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({facts})" if facts else self.code


class SettingsInvalid(MinwonError):
    """A setting has a value that can't be used. Facts: name, problem."""

    code = "settings.invalid"


class Cancelled(MinwonError):
    """A person asked to stop."""

    code = "cancelled"


# --- the file -------------------------------------------------------------------------------


class MediaRejected(MinwonError):
    """Root of all refusals of an input file."""

    code = "media.rejected"
    file: str = ""
    """The sender's name of the file, where several were sent; only ever shown, never a fact."""


class MediaMissing(MediaRejected):
    """There is no such file, or it can't be opened."""

    code = "media.missing"


class MediaEmpty(MediaRejected):
    """The file has 0 bytes."""

    code = "media.empty"


class MediaTooLarge(MediaRejected):
    """Facts: size_mb, limit_mb."""

    code = "media.too_large"


class MediaTooLong(MediaRejected):
    """Facts: length_min, limit_min."""

    code = "media.too_long"


class MediaUnsupported(MediaRejected):
    """The content is of a type that this pipeline does not take. Facts: media_type."""

    code = "media.unsupported"


class MediaUndecodable(MediaRejected):
    """It claims to be a recording, but can't be decoded: truncated or damaged."""

    code = "media.undecodable"


class MediaHasNoSound(MediaRejected):
    """A container without an audio stream."""

    code = "media.no_sound"


class NoSpeech(MediaRejected):
    """It was decoded whole and holds silence, noise or music, but no speech. Facts: length_s."""

    code = "media.no_speech"


# --- documents and pictures -------------------------------------------------------------------


class DocumentRejected(MediaRejected):
    """Root of all refusals of a document or picture."""

    code = "document.rejected"


class DocumentEncrypted(DocumentRejected):
    """It can only be opened with a password, and none was given."""

    code = "document.encrypted"


class DocumentPasswordWrong(DocumentRejected):
    """The given password does not open it."""

    code = "document.password_wrong"


class DocumentEmpty(DocumentRejected):
    """It opens, but has no page at all."""

    code = "document.empty"


class DocumentDamaged(DocumentRejected):
    """It claims to be a document or picture, but can't be read: truncated or damaged."""

    code = "document.damaged"


class DocumentTooLong(DocumentRejected):
    """Facts: pages, limit."""

    code = "document.too_long"


class DocumentPageTooLarge(DocumentRejected):
    """Facts: page_no, size_in, limit_in (longest side, in inches)."""

    code = "document.page_too_large"


class PictureTooLarge(DocumentRejected):
    """Facts: megapixels, limit."""

    code = "picture.too_large"


class OcrMissing(MinwonError):
    """The program that reads print, or its data for a language, isn't installed. Facts: missing."""

    code = "ocr.missing"


# --- the model ------------------------------------------------------------------------------


class ModelError(MinwonError):
    """Root of all failures of a model or of its weights."""

    code = "model.error"


class ModelUnknown(ModelError):
    """The setting names a model that the catalog doesn't have. Facts: name, known."""

    code = "model.unknown"


class ModelFailed(ModelError):
    """The engine failed while it worked. Facts: reason (ours, short)."""

    code = "model.failed"


class ModelBusy(ModelError):
    """The queue is full. Facts: waiting."""

    code = "model.busy"


class ModelTimeout(ModelError):
    """The ask's deadline passed before an answer was there. Facts: deadline_s."""

    code = "model.timeout"


class ModelCannotTake(ModelError):
    """An ask holds a part that this model can't take (an image, say). Facts: part."""

    code = "model.cannot_take"


class PromptTooLong(ModelError):
    """Facts: tokens, limit."""

    code = "model.prompt_too_long"


class WeightsMissing(ModelError):
    """A package that carries weights isn't installed, or its file is gone. Facts: package."""

    code = "weights.missing"


class WeightsBroken(ModelError):
    """The sha256 of the assembled weights is not the pinned one. Facts: model."""

    code = "weights.broken"


class DiskFull(ModelError):
    """No room to write. Facts: path, needed_mb."""

    code = "disk.full"


# --- the policy and the store -----------------------------------------------------------------


class PolicyInvalid(MinwonError):
    """The agency's policy file can't be used. Facts: path, problem."""

    code = "policy.invalid"


class BenchmarkInvalid(MinwonError):
    """A benchmark file of others can't be used. Facts: file, line (0 = the whole), problem."""

    code = "benchmark.invalid"


class CaseNotFound(MinwonError):
    """No case for this receipt and secret; the same answer whichever of the two is wrong."""

    code = "case.not_found"


class CaseConflict(MinwonError):
    """Somebody else changed the case meanwhile; nothing was overwritten."""

    code = "case.conflict"


class CaseNotReady(MinwonError):
    """The case is still being worked on, or has no draft: not now. Facts: status."""

    code = "case.not_ready"


class CaseFiled(MinwonError):
    """The case was handed to the office; the citizen can't change it any more."""

    code = "case.filed"


class CaseTooManyFiles(MinwonError):
    """One case holds only so many files. Facts: limit."""

    code = "case.too_many_files"


class CaseFieldInvalid(MinwonError):
    """A changed field can't be taken. Facts: field, problem (unknown, value, length, characters),
    and limit where the problem is the length.
    """

    code = "case.field_invalid"


class StoreUnavailable(MinwonError):
    """The database does not answer, or its tables are newer than this program. Facts: reason."""

    code = "store.unavailable"


class JobGaveUp(MinwonError):
    """The work on this case ended the whole program several times. Facts: attempts."""

    code = "job.gave_up"


class Internal(MinwonError):
    """A mistake of ours; the log has more under the same number. Facts: incident."""

    code = "internal"
