"""Photos: metadata read and gone, orientation applied, faces and plates unrecognisable."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from PIL.TiffImagePlugin import IFDRational

from pipelines.errors import DocumentDamaged, WeightsMissing
from pipelines.media.admit import PAPERS, admit
from pipelines.media.worker import Worker
from pipelines.readers import plates
from pipelines.readers.blur import Region, blurred
from pipelines.readers.exif import taken
from pipelines.readers.faces import WEIGHTS, FaceFinder
from pipelines.readers.photos import PhotoReader
from pipelines.readers.tags import Tagger, groups
from pipelines.settings import Settings
from pipelines.types import MediaFile

SETTINGS = Settings()
MARK = "NOT-TO-BE-STORED"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhotoReader]:
    cache = tmp_path_factory.mktemp("weights")
    with Worker(preload=("pipelines.readers.photo_pixels",)) as worker:
        yield PhotoReader(worker=worker, tagger=Tagger(cache), faces=FaceFinder(cache))


def admitted(path: Path) -> MediaFile:
    return admit(path, settings=SETTINGS, accept=PAPERS)


def arrow(size: tuple[int, int] = (160, 120)) -> Image.Image:
    """A picture in which each corner has a colour of its own."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    w, h = size[0] // 3, size[1] // 3
    draw.rectangle((0, 0, w, h), fill="red")
    draw.rectangle((size[0] - w, 0, *size), fill=None)
    draw.rectangle((size[0] - w, 0, size[0], h), fill="blue")
    draw.rectangle((0, size[1] - h, w, size[1]), fill="green")
    return image


def with_exif(path: Path, image: Image.Image, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = MARK
    exif.get_ifd(0x8769)[0x9003] = "2026:05:01 14:03:22"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (IFDRational(37), IFDRational(33), IFDRational(36))
    gps[3], gps[4] = "E", (IFDRational(126), IFDRational(54), IFDRational(0))
    image.save(path, format="JPEG", exif=exif, quality=95, comment=MARK.encode())
    return path


def test_time_and_position_are_read_and_gone_from_every_copy(
    reader: PhotoReader, tmp_path: Path
) -> None:
    path = with_exif(tmp_path / "in.jpg", arrow())
    assert MARK.encode() in path.read_bytes()
    photo = reader.read(admitted(path), tmp_path)
    assert photo.taken.at == "2026-05-01T14:03:22"
    assert (photo.taken.latitude, photo.taken.longitude) == (37.56, 126.9)
    for copy in (photo.original, photo.shown):
        raw = copy.read_bytes()
        assert MARK.encode() not in raw
        assert b"Exif" not in raw
        with Image.open(copy) as image:
            assert not image.getexif()
            assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert [note.code for note in photo.notes] == ["photo.position_removed"]
    said = " ".join(piece.text for piece in photo.evidence)
    assert "2026-05-01 14:03" in said
    assert "37.5" not in said
    assert "126.9" not in said


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_stands_upright(
    reader: PhotoReader, tmp_path: Path, orientation: int
) -> None:
    upright = arrow()
    turned = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    stored = upright
    for step in turned.get(orientation, []):
        stored = stored.transpose(step)
    photo = reader.read(
        admitted(with_exif(tmp_path / "in.jpg", stored, orientation)), tmp_path, language="en"
    )
    with Image.open(photo.original) as image:
        difference = np.abs(np.asarray(image, np.int16) - np.asarray(upright, np.int16))
    assert (photo.width_px, photo.height_px) == (160, 120)
    assert difference.mean() < 6


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("CMYK", "JPEG"),
        ("L", "PNG"),
        ("1", "TIFF"),
        ("RGBA", "WEBP"),
        ("P", "GIF"),
        ("I;16", "PNG"),
        ("RGB", "AVIF"),
        ("RGB", "HEIF"),
    ],
)
def test_every_mode_is_read(reader: PhotoReader, tmp_path: Path, mode: str, kind: str) -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    image = Image.linear_gradient("L").resize((64, 64))
    image = image.convert("I").point(lambda v: v * 256) if mode == "I;16" else image
    image.convert(mode).save(tmp_path / "in", format=kind)
    photo = reader.read(admitted(tmp_path / "in"), tmp_path)
    with Image.open(photo.shown) as shown:
        gray = np.asarray(shown.convert("L"), np.float32)
    assert gray[-8:].mean() > gray[:8].mean() + 60


def test_one_pixel_and_a_long_strip(reader: PhotoReader, tmp_path: Path) -> None:
    for size in ((1, 1), (4000, 2)):
        Image.new("RGB", size, "red").save(tmp_path / "in.png")
        photo = reader.read(admitted(tmp_path / "in.png"), tmp_path)
        assert (photo.width_px, photo.height_px) == size


def test_a_cut_picture_is_refused_by_name(reader: PhotoReader, tmp_path: Path) -> None:
    noise = Image.effect_noise((300, 300), 90)
    noise.save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:20_000])
    with pytest.raises(DocumentDamaged):
        reader.read(admitted(tmp_path / "cut.png"), tmp_path)


def test_an_animation_is_its_first_picture_and_says_so(reader: PhotoReader, tmp_path: Path) -> None:
    first, second = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30), "blue")
    first.save(tmp_path / "in.gif", save_all=True, append_images=[second])
    photo = reader.read(admitted(tmp_path / "in.gif"), tmp_path)
    assert [(n.code, n.facts) for n in photo.notes] == [("photo.first_frame_only", {"frames": 2})]
    with Image.open(photo.shown) as shown:
        assert shown.convert("RGB").getpixel((20, 15))[0] > 200  # type: ignore[index]


@pytest.mark.parametrize(
    "gps",
    [
        {1: "N", 2: (IFDRational(0, 0),) * 3, 3: "E", 4: (IFDRational(0, 0),) * 3},
        {1: "N", 2: (IFDRational(500),) * 3, 3: "E", 4: (IFDRational(1),) * 3},
        {1: "?", 2: (IFDRational(3),) * 3, 3: "E", 4: (IFDRational(1),) * 3},
        {2: (IFDRational(3),) * 3},
        {1: "N", 2: "text", 3: "E", 4: "text"},
        {1: "N", 2: (IFDRational(0),) * 3, 3: "E", 4: (IFDRational(0),) * 3},
    ],
)
def test_nonsense_is_no_position(gps: dict[int, object]) -> None:
    image = Image.new("RGB", (2, 2))
    image.getexif().get_ifd(0x8825).update(gps)
    image.getexif()[0x0132] = "2026:99:99 99:99:99"
    found = taken(image)
    assert (found.latitude, found.longitude, found.at) == (None, None, None)


def test_south_and_west_are_negative_and_zones_are_kept() -> None:
    image = Image.new("RGB", (2, 2))
    image.getexif().get_ifd(0x8825).update({1: "S", 2: (33.0, 30.0, 0.0), 3: "W", 4: (70.0,)})
    image.getexif().get_ifd(0x8769).update({0x9003: "2026:05:01 00:00:00", 0x9011: "+09:00"})
    found = taken(image)
    assert (found.latitude, found.longitude) == (-33.5, -70.0)
    assert found.at == "2026-05-01T00:00:00+09:00"


def plate(text: str, width: int) -> Image.Image:
    """A Korean plate as it has been issued since 2019, drawn four times as large."""
    size = (width * 4, round(width * 4 / 4.7))
    image = Image.new("RGB", size, (240, 240, 236))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((4, 4, size[0] - 4, size[1] - 4), size[1] // 8, outline=30, width=8)
    font = ImageFont.truetype("NanumGothicBold.ttf", round(size[1] * 0.72))
    draw.text((size[0] / 2, size[1] / 2), text, font=font, fill=(20, 20, 20), anchor="mm")
    return image.resize((width, size[1] // 4), Image.Resampling.LANCZOS)


def street(seed: int, size: tuple[int, int] = (1200, 900)) -> Image.Image:
    """Soft colours with boxes in front: nothing that looks like print."""
    draw_from = np.random.default_rng(seed)
    noise = np.random.default_rng(seed).uniform(60, 190, (9, 12, 3)).astype(np.uint8)
    image = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _ in range(20):
        x, y = int(draw_from.integers(size[0])), int(draw_from.integers(size[1]))
        colour = tuple(int(value) for value in draw_from.integers(40, 210, 3))
        draw.rectangle((x, y, x + 160, y + 110), fill=colour)
    return image


@pytest.mark.skipif(not shutil.which("tesseract"), reason="the program that reads print is missing")
def test_plates_are_found_and_nothing_of_them_is_left(reader: PhotoReader) -> None:
    image = street(3)
    image.paste(plate("123가 4567", 260), (400, 500))
    shown, regions, notes = reader.shown_copy(image)
    assert notes == ()
    assert [region.kind for region in regions] == ["plate"]
    box = regions[0].box_px
    assert abs(box[0] - 400) < 30
    assert abs(box[2] - 660) < 30
    left = shown.crop((400, 500, 660, 555))
    assert not any(sign.isdigit() for sign in plates._read("tesseract", [left])[0])
    steps = np.abs(np.diff(np.asarray(left.convert("L"), np.float32), axis=1))
    assert steps.max() < 20
    assert np.array_equal(np.asarray(shown)[:400], np.asarray(image)[:400])


@pytest.mark.skipif(not shutil.which("tesseract"), reason="the program that reads print is missing")
def test_a_picture_without_plates_stays_as_it_is(reader: PhotoReader) -> None:
    image = street(4)
    shown, regions, _ = reader.shown_copy(image)
    assert regions == ()
    assert np.array_equal(np.asarray(shown), np.asarray(image))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("123가 4567", True),
        ("[12나3456|", True),
        ("서울12가3456", True),
        ("1122거16981", True),
        ("12384567", False),
        ("12A34567", False),
        ("총액은 123가 4567 이라고 쓴 긴 줄", False),
        ("010-1234-5678", False),
        ("02-3456-7890", False),
        ("성산로 123", False),
        ("2026년 3월 4일", False),
        ("", False),
    ],
)
def test_what_reads_like_a_plate(text: str, expected: bool) -> None:
    assert plates.is_plate(text) is expected


@pytest.mark.parametrize("kind", ["face", "plate"])
def test_a_blurred_region_tells_nothing(kind: str) -> None:
    """Two different contents of the same mean colours leave the same copy, byte by byte."""
    base = np.full((200, 300, 3), 128, np.uint8)
    detail = base.copy()
    detail[60:140, 80:220] = np.indices((80, 140)).sum(0)[..., None] % 2 * 128 + 64
    region = Region(kind=kind, box_px=(80, 60, 220, 140))  # type: ignore[arg-type]
    one = np.asarray(blurred(Image.fromarray(detail), [region]), np.int16)
    other = np.asarray(blurred(Image.fromarray(base), [region]), np.int16)
    assert np.abs(one - other).max() <= 2
    assert np.array_equal(np.asarray(Image.fromarray(detail))[:20], one[:20].astype(np.uint8))


def test_regions_at_the_edge_and_beyond() -> None:
    image = Image.new("RGB", (20, 20), "red")
    for box in ((-50.0, -50.0, 500.0, 500.0), (18.0, 18.0, 19.0, 19.0), (30.0, 30.0, 40.0, 40.0)):
        assert blurred(image, [Region(kind="face", box_px=box)]).size == (20, 20)


def test_a_face_is_found_and_blurred(reader: PhotoReader, shared_data: Path) -> None:
    path = shared_data / "real/image/exif/pillow_hopper_orientation_6.jpg"
    if not path.is_file():
        pytest.skip("this sample is not there")
    from pipelines.readers.pictures import frame

    upright = frame(path, 1)
    shown, regions, _ = reader.shown_copy(upright)
    assert [region.kind for region in regions] == ["face"]
    x0, y0, x1, y1 = regions[0].box_px
    assert (x0 + x1) / 2 == pytest.approx(62, abs=8)
    assert (y0 + y1) / 2 == pytest.approx(50, abs=8)
    assert reader.faces.find(shown) == ()


def test_without_the_weights_for_faces_nothing_is_shown(
    reader: PhotoReader, tmp_path: Path
) -> None:
    gone = replace(WEIGHTS, name="gone", parts=(("no-such-package", "no_such/x.onnx"),))
    blind = replace(reader, faces=FaceFinder(tmp_path / "cache", gone))
    arrow().save(tmp_path / "in.png")
    with pytest.raises(WeightsMissing):
        blind.read(admitted(tmp_path / "in.png"), tmp_path)
    assert not (tmp_path / "shown.jpg").exists()
    assert not (tmp_path / "original.jpg").exists()


def test_tags_say_nothing_where_nothing_is_sure(reader: PhotoReader) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (300, 400, 3)).astype(np.uint8)
    assert reader.tagger.tags(Image.fromarray(noise)) == ()
    scores = reader.tagger.scores(Image.fromarray(noise))
    assert scores.shape == (2, 1000)
    assert scores.sum(1) == pytest.approx([1.0, 1.0], abs=1e-3)


def test_tags_of_a_real_photo(reader: PhotoReader, shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "real/image/heic/heif_other__pug.heic"
    if not path.is_file():
        pytest.skip("this sample is not there")
    photo = reader.read(admitted(path), tmp_path)
    assert photo.tags[0].ko == "개"
    assert photo.evidence[0].text == "개"
    assert photo.evidence[0].confidence > 0.8


def test_every_class_is_gathered_once_and_named_in_both_languages() -> None:
    seen: dict[int, str] = {}
    for ko, en, classes in groups():
        assert ko
        assert en
        assert classes <= set(range(1000))
        for number in classes:
            assert number not in seen, f"{number} is in {seen.get(number)} and {en}"
            seen[number] = en
    assert len(groups()) >= 80
