"""Environment -> Settings. Every variable starts with MINWON_."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipelines.errors import SettingsInvalid
from pipelines.types import Language, Media

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"


def _xdg(variable: str, fallback: str) -> Path:
    base = os.environ.get(variable)
    return (Path(base) if base else Path.home() / fallback) / "minwon-desk"


class Settings(BaseSettings):
    """All settings, frozen. Source: environment variables MINWON_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="MINWON_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    model: str = "qwen2.5-coder-1.5b"
    """The foundation model: a row of pipelines/foundation/catalog.toml."""
    catalog_path: Path | None = None
    """The agency's own rows of models, in a file like that one."""
    model_path: Path | None = None
    """Its weights, where they don't come as packages: a .gguf file or a folder of transformers."""
    mmproj_path: Path | None = None
    """Of a .gguf model that sees: the file that turns pictures into its tokens."""
    engine: Literal["", "gguf", "hf", "remote"] = ""
    """How it is run; empty = the first of its row's engines that is set up."""
    device: str = "auto"
    """Of transformers: auto, cpu, cuda, cuda:1, ..."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    allow_hub: bool = False
    """May transformers fetch a model from the public hub? The only way that it leaves the net."""
    remote_code: str = ""
    """Rows, with commas between them, whose makers' own code may run in this process."""
    remote_url: str = ""
    """An OpenAI-compatible server, with its version: https://server/v1. Empty = no server."""
    remote_key: SecretStr = SecretStr("")
    remote_model: str = ""
    """The model's name at the server; empty = its name here."""
    remote_dialect: Literal["", "openai", "vllm", "sglang", "llama"] = ""
    remote_ca: Path | None = None
    """Certificates of the agency's own authority."""
    remote_allow_http: bool = False
    """May words go unencrypted to other than private addresses?"""
    remote_concurrency: int = Field(default=4, ge=1, le=256)
    remote_first_s: float = Field(default=120.0, gt=0)
    """How long the server may let us wait for its first word."""
    remote_stall_s: float = Field(default=30.0, gt=0)
    """How long it may fall silent in an answer."""
    parser_url: str = ""
    """A service that reads PDF files (Upstage's document-parse, or one that speaks as it does): the
    address that files are posted to. Empty = none; they are read here."""
    parser_key: SecretStr = SecretStr("")
    parser_model: str = "document-parse"
    threads: int = Field(default_factory=lambda: os.cpu_count() or 2, ge=1)
    context_tokens: int = Field(default=6144, ge=1024)
    queue_limit: int = Field(default=32, ge=1)
    """How many asks may wait for the model before it says that it is busy."""
    draft_deadline_s: float = Field(default=180.0, gt=0)
    max_file_mb: int = Field(default=500, ge=1)
    max_audio_s: float = Field(default=9000.0, gt=0)
    """2.5 hours."""
    max_video_s: float = Field(default=7200.0, gt=0)
    """2 hours."""
    max_frame_mp: float = Field(default=36.0, gt=0)
    """Megapixels of one frame; 8K has 33."""
    video_frames: int = Field(default=40, ge=2)
    """Frames of one video that are kept and shown at most."""
    media: Media = "both"
    """Where the model sees: does a draft rest on what readers found in pictures (cascade), on what
    the model saw in them itself (native), or on both?"""
    model_frames: int = Field(default=8, ge=1)
    """Frames of one video that such a model is shown at most; never more than `video_frames`."""
    live_hosts: str = ""
    """Hosts whose streams may be watched, with commas between them; empty = none."""
    max_pages: int = Field(default=2000, ge=1)
    max_page_in: float = Field(default=200.0, gt=0)
    """The longest side of a page, in inches; 200 is what the PDF format itself allows."""
    max_picture_mp: float = Field(default=120.0, gt=0)
    """Megapixels of one picture."""
    max_document_mb: int = Field(default=200, ge=1)
    max_unpacked_mb: int = Field(default=400, ge=1)
    """Of a document that is a ZIP package, all its parts together."""
    max_case_files: int = Field(default=10, ge=1, le=100)
    """Recordings, photos, papers and clips that one case may hold."""
    max_papers: int = Field(default=300, ge=1)
    """Files that one official may have on the documents page at a time."""
    max_papers_mb: int = Field(default=4000, ge=1)
    """Of all those files together."""
    keep_papers_h: float = Field(default=8.0, gt=0)
    """Hours after the last look until those files and their previews are removed."""
    ocr_page_timeout_s: float = Field(default=90.0, gt=0)
    compare: str = ""
    """Models of the compare page, with commas between them, each NAME or NAME=WHERE (a .gguf file,
    a folder or an address); those that are not set up here are left out. Empty = `model`, and
    every one whose weights are installed as packages."""
    policy_path: Path = ASSETS / "policy" / "policy.toml"
    cache_dir: Path = Field(default_factory=lambda: _xdg("XDG_CACHE_HOME", ".cache"))
    data_dir: Path = Field(default_factory=lambda: _xdg("XDG_DATA_HOME", ".local/share"))
    database_url: str = ""
    """Any SQLAlchemy URL; empty = SQLite in data_dir."""
    ui_language: Language = "ko"
    """Of the pages without a language in their address and of what commands say; where it is set,
    a browser's own wish does not count."""
    require_login: bool = False
    """Ask who it is on the officials' pages even while nobody has an account."""
    demo_logins: bool = False
    """Offer ready accounts without a password: for a live demonstration with made-up cases only."""
    public_url: str = ""
    """Where citizens reach this office: https://desk.city.example. Empty = as the caller says."""
    contact: str = ""
    """Who helps programmers, told to those who discover the interfaces."""
    open311_jurisdiction: str = ""
    """The jurisdiction_id of this office; empty = any is taken."""
    calls_per_minute: int = Field(default=120, ge=1)
    """Of one address without a key; a key has five times as many."""
    opens_per_minute: int = Field(default=20, ge=1)
    """New cases of one address, or of one key."""
    wrong_receipts_per_minute: int = Field(default=10, ge=1)
    """Of one address; then even the right one has to wait."""
    max_call_mb: int = Field(default=600, ge=1)
    """The body of one call, all files together."""
    mcp: bool = False
    """May language models call this desk by MCP?"""
    hook_hosts: str = ""
    """Hosts that webhooks may go to, with commas between them; empty = none."""
    hook_networks: str = ""
    """Private networks that those hosts may lie in: 10.2.0.0/16, with commas between them."""
    hook_tries: int = Field(default=8, ge=1)
    """Until a message is given up."""


def load_settings() -> Settings:
    """Read the environment. Raises SettingsInvalid that names the first bad variable."""
    try:
        return Settings()
    except ValidationError as exc:
        first = exc.errors()[0]
        name = "MINWON_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsInvalid(name=name, problem=str(first["msg"])) from exc
