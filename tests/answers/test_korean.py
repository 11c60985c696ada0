import pytest

from dangol.answers.korean import josa


@pytest.mark.parametrize(
    ("word", "topic", "direction"),
    [
        ("골드", "는", "로"),
        ("실버 등급", "은", "으로"),
        ("서울", "은", "로"),
        ("12340", "은", "으로"),
        ("12341", "은", "로"),
        ("12342", "는", "로"),
        ("12343", "은", "으로"),
        ("12344", "는", "로"),
        ("12345", "는", "로"),
        ("12346", "은", "으로"),
        ("12347", "은", "로"),
        ("12348", "은", "로"),
        ("12349", "는", "로"),
        ("VIP", "는", "로"),
        ("AB12L", "은", "로"),
        ("Gold", "는", "로"),
        ("Platinum", "은", "으로"),
        ("24.0%", "는", "로"),
        ("1,200명", "은", "으로"),
        ("£4,310.00", "은", "으로"),
        ("(…)", "는", "로"),
    ],
)
def test_particles_follow_the_last_sound(word: str, topic: str, direction: str) -> None:
    assert (josa(word, "은/는"), josa(word, "으로/로")) == (topic, direction)
