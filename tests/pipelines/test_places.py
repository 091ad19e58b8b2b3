import subprocess
import sys
import time

import pytest

from pipelines.places import Areas


@pytest.fixture(scope="module")
def areas() -> Areas:
    return Areas.load()


def hits(areas: Areas, text: str) -> list[str]:
    return [hit.text for hit in areas.find(text)]


def spans(areas: Areas, text: str) -> list[str]:
    return [span for _, _, span in areas.place_spans(text)]


@pytest.mark.parametrize(
    "name",
    [
        "서울",
        "서울시",
        "성북구",
        "장안구",
        "마포",
        "청주",
        "흥덕구",
        "마산합포구",
        "성산동",
        "횡계리",
        "강원도",
    ],
)
def test_names_are_plain(areas: Areas, name: str) -> None:
    assert name in areas.names


def test_no_name_is_empty_or_glued(areas: Areas) -> None:
    assert "" not in areas.names
    assert "서울시성북구" not in areas.names
    assert "수원시장안구" not in areas.names
    assert all(name.replace("·", "").replace(".", "").isalnum() for name in areas.names)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("마포구 성산동에 가로등이 꺼졌어요", ["마포구 성산동"]),
        ("마포구성산동에서 냄새가 나요", ["마포구성산동"]),
        ("서울시 성북구에서 청주시 흥덕구 복대동으로", ["서울시 성북구", "청주시 흥덕구 복대동"]),
        ("강원도 평창군 대관령면 횡계리 산 12번지", ["강원도 평창군 대관령면 횡계리"]),
        ("성산2동 주민센터", ["성산2동"]),
        ("부산 해운대 바닷가", ["부산 해운대"]),
        ("우리 동네 이동하는 자동차가 많아서 행동이 불편해요", []),
        ("수리와 관리와 처리를 부탁드립니다. 우리 다리가 아파요", []),
        ("성산로 입구에 물이 새요", []),
        ("공사 진도가 느리고 상주하는 사람이 없어요", []),
    ],
)
def test_areas_of_a_text(areas: Areas, text: str, found: list[str]) -> None:
    assert hits(areas, text) == found


def test_a_hit_knows_what_it_can_mean(areas: Areas) -> None:
    (alone,) = areas.find("성산동에")
    (chained,) = areas.find("마포구 성산동에")
    assert chained.full_names == ("서울특별시 마포구 성산동",)
    assert set(chained.full_names) < set(alone.full_names)


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("마포구 성산동 125-3번지 앞에 구멍이 났어요", "마포구 성산동 125-3번지 앞"),
        ("마포구청역 2번 출구 앞에 쓰레기가 쌓여 있습니다", "마포구청역 2번 출구 앞"),
        ("월드컵북로 12길 45에 차를 세워요", "월드컵북로 12길 45"),
        ("성산로 입구 사거리에서 물이 새요", "성산로 입구 사거리"),
        ("망원시장 안에 있는 공중화장실이 더러워요", "망원시장 안에 있는 공중화장실"),
        ("수원시 장안구 정자동에서 소리가 나요", "수원시 장안구 정자동"),
        ("어제 한빛 아파트 3단지 뒤편에서 봤어요", "한빛 아파트 3단지 뒤편"),
        ("횡계리 산 12번지에 나무가 쓰러졌어요", "횡계리 산 12번지"),
        ("There is a hole near Mapo Station exit 2.", "Mapo Station exit 2"),
        ("The lamp in Seongsan-dong, Mapo-gu is out", "Seongsan-dong, Mapo-gu"),
        ("中山路12号门口的路灯坏了", "中山路12号门口"),
        ("城山公園の前の街灯が壊れています", "城山公園の前"),
        ("La farola de la calle Mayor 12 no funciona", "calle Mayor 12"),
    ],
)
def test_the_best_place_of_a_text(areas: Areas, text: str, best: str) -> None:
    assert spans(areas, text)[0] == best


@pytest.mark.parametrize(
    "text",
    [
        "공무원이 불친절해요. 담당자와 통화가 안 됩니다.",
        "바로 처리해 주세요. 정말로 답답합니다.",
        "이동하다가 행동이 느려졌어요. 그 뒤로 계속 아파요.",
        "세금이 두 배로 나왔어요.",
        "발급일로부터 3개월 이내에 제출하십시오.",
        "통지를 받은 날로부터 90일, 접수일로부터 14일 안에 답합니다.",
        "계약 만료일로 3일이 지났고 제출처로 15부를 보냅니다.",
        "18일부터 20일까지 오전 9시부터 접수합니다.",
        "청소 용역 계약은 지역 내역과 같습니다.",
        "안전사고가 났고 신고가 늦었습니다.",
        "",
        "   ",
    ],
)
def test_no_place_is_made_up(areas: Areas, text: str) -> None:
    assert spans(areas, text) == []


def test_spans_are_exact_and_unique(areas: Areas) -> None:
    text = "저는 마포구 성산동에 사는데요 성산초등학교 앞 횡단보도랑 시장 옆 골목길이 어두워요"
    found = areas.place_spans(text)
    assert found
    assert len({(start, end) for start, end, _ in found}) == len(found)
    assert all(text[start:end] == span and span == span.strip() for start, end, span in found)


def test_a_long_text_is_quick(areas: Areas) -> None:
    sentence = (
        "마포구 성산동 125-3번지 앞 도로가 움푹 파여서 지나다니는 차가 덜컹거리고 위험합니다. "
    )
    areas.place_spans(sentence)
    started = time.process_time()
    areas.place_spans(sentence * 100)
    assert time.process_time() - started < 2.5


@pytest.mark.parametrize(
    "text", ["가" * 20_000, "동" * 5_000, "1-" * 5_000, "a-dong " * 2_000, "区" * 5_000]
)
def test_hostile_repetition_ends_soon(areas: Areas, text: str) -> None:
    started = time.process_time()
    areas.place_spans(text)
    areas.find(text)
    assert time.process_time() - started < 5


def test_loading_needs_no_geometry() -> None:
    """The package's borders and the library that reads them stay out of the process."""
    code = (
        "import sys; from pipelines.places import Areas; Areas.load();"
        "print('shapely' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("place", ["병원", "시청", "골목", "골목 입구", "놀이터"])
def test_a_place_without_a_name_is_bare(areas: Areas, place: str) -> None:
    assert areas.is_bare(place)


@pytest.mark.parametrize(
    "text",
    [
        "인도로 침범한 도로 공사 때문에 도로에 물이 고입니다.",
        "도로가 파손되어 위험하고 이면도로에도 차가 많습니다.",
        "정해진 주차장과 어린이공원을 이용합니다.",
        "4월 마을 청소와 7일 전까지 주차장 점검을 합니다.",
    ],
)
def test_only_bare_places_stand_in_a_text_without_names(areas: Areas, text: str) -> None:
    found = spans(areas, text)
    assert found
    assert all(areas.is_bare(place) for place in found)


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("해솔동 어린이공원 그늘막", "해솔동 어린이공원"),
        ("달무리길 120미터 구간", "달무리길 120미터"),
        ("한솔로 12에 있습니다", "한솔로 12"),
        ("통일로 37 앞 도로", "통일로 37 앞 도로"),
        ("성산고가 아래", "성산고가 아래"),
    ],
)
def test_names_beside_words_of_the_same_look_are_kept(areas: Areas, text: str, best: str) -> None:
    assert spans(areas, text)[0] == best


@pytest.mark.parametrize("place", ["한빛 아파트", "성산동 놀이터 앞", "남문시장", "Green Street"])
def test_a_place_with_a_name_is_not(areas: Areas, place: str) -> None:
    assert not areas.is_bare(place)
