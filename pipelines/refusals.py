"""What the gate refuses, and how the process that parses files can end; see `pipelines.errors`."""

from __future__ import annotations

from pipelines.errors import DocumentRejected, MediaRejected, MediaUnsupported, MinwonError


class MediaIsDocument(MediaUnsupported):
    """A document was sent where recordings are taken. Facts: label."""

    code = "media.is_document"


class MediaIsImage(MediaUnsupported):
    """A picture was sent where recordings are taken. Facts: label."""

    code = "media.is_image"


class MediaIsRecording(MediaUnsupported):
    """A sound or video file was sent where documents are taken. Facts: media_type."""

    code = "media.is_recording"


class MediaMislabelled(DocumentRejected):
    """The name's ending promises something else than the content is. Facts: ending, label."""

    code = "media.mislabelled"


class MediaTooManyFrames(DocumentRejected):
    """Pages of a TIFF, frames of an animation. Facts: frames, limit_frames."""

    code = "media.too_many_frames"


class DocumentUnsupported(DocumentRejected):
    """The content is of a type that no reader of documents takes. Facts: media_type, label."""

    code = "document.unsupported"


class DocumentOldFormat(DocumentRejected):
    """A format that nothing here reads any more. Facts: format, save_as."""

    code = "document.old_format"


class DocumentTwice(DocumentRejected):
    """The same file, byte for byte, was sent before."""

    code = "document.twice"


class DocumentNoText(DocumentRejected):
    """It was read whole and holds neither words nor pictures."""

    code = "document.no_text"


# --- packages: DOCX, HWPX and the other formats that are ZIP files ----------------------------


class ArchiveTooLarge(DocumentRejected):
    """Counted while inflating, whatever the package states. Facts: unpacked_mb, limit_mb."""

    code = "archive.too_large"


class ArchiveRatio(DocumentRejected):
    """It grows more than any honest document when unpacked. Facts: ratio, limit_ratio."""

    code = "archive.ratio"


class ArchiveTooManyEntries(DocumentRejected):
    """Facts: entries, limit_entries."""

    code = "archive.too_many_entries"


class ArchiveNested(DocumentRejected):
    """Packages within packages. Facts: depth, limit_depth."""

    code = "archive.nested"


class ArchiveUnsafe(DocumentRejected):
    """No office program writes such a package. Facts: problem (name, link, method, size)."""

    code = "archive.unsafe"


# --- the child process that parses -------------------------------------------------------------


class WorkerError(DocumentRejected):
    """Root of all ends of the process that parses a file; the file is refused, nothing else."""

    code = "worker.error"


class DocumentWorkerDied(WorkerError):
    """It crashed or answered garbage. Facts: how (a signal's name, exit, answer)."""

    code = "document.worker_died"


class DocumentTooMuchMemory(WorkerError):
    """Facts: limit_mb."""

    code = "document.too_much_memory"


class DocumentTooMuchTime(WorkerError):
    """Facts: limit_s."""

    code = "document.too_much_time"


class DocumentTooMuchOutput(WorkerError):
    """It wrote more to disk than reading a file needs. Facts: limit_mb."""

    code = "document.too_much_output"


class DocumentTooManyProcesses(WorkerError):
    """It started more processes than reading a file needs. Facts: limit_processes."""

    code = "document.too_many_processes"


class WorkerUnavailable(MinwonError):
    """The process that parses files can't be started. Facts: reason."""

    code = "worker.unavailable"


# --- videos --------------------------------------------------------------------------------------


class VideoHasNoPicture(MediaRejected):
    """A container without a moving picture: sound alone."""

    code = "media.no_picture"


class VideoFrameTooLarge(MediaRejected):
    """Facts: width_px, height_px, limit_mp."""

    code = "media.frame_too_large"


class ClipInvalid(MinwonError):
    """A stretch that can't be cut out. Facts: start_s, end_s, limit_s."""

    code = "video.clip_invalid"


class LiveRefused(MinwonError):
    """An address that is not on the list of allowed hosts, or is no stream. Facts: host."""

    code = "live.refused"


class LiveFull(MinwonError):
    """As many cameras are watched as this machine can describe. Facts: limit."""

    code = "live.full"


class LiveTooLong(MinwonError):
    """One watch lasts only so long. Facts: limit_min."""

    code = "live.too_long"


class LiveAlone(MinwonError):
    """Nobody looked at the page any more."""

    code = "live.alone"


class LiveUnavailable(MinwonError):
    """The stream can't be opened, or broke off. Facts: host."""

    code = "live.unavailable"
