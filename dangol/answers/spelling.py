"""Misspelt cue words put right: English ones that are one edit away, Korean ones that are one letter (jamo) away."""

import re
import unicodedata
from functools import lru_cache, partial

from dangol.answers.lexicon import CUES, KOREAN_CUES

SHORTEST = 5
ENGLISH = re.compile(r"[A-Za-z]{4,}")
CORRECT = frozenset(
    (
        *CUES,
        "there",
        "their",
        "these",
        "those",
        "where",
        "which",
        "white",
        "write",
        "shared",
        "shape",
        "stare",
        "short",
        "moth",
        "mouth",
        "sale",
        "tend",
        "trends",
        "vision",
        "store",
        "stock",
        "lost",
        "list",
        "least",
        "past",
        "date",
        "dates",
        "hello",
        "hell",
        "when",
        "than",
        "that",
        "chat",
        "wheat",
        "weeks",
        "weak",
        "modal",
        "models",
        "night",
        "averages",
        "shares",
        "totals",
        "worst",
        "sliver",
        "return",
        "order",
        "message",
        "compares",
        "moves",
        "weekly",
        "season",
        "seasons",
        "treason",
        "grape",
        "grace",
        "grapes",
        "sharp",
        "shade",
        "shame",
        "shave",
        "spare",
        "shark",
        "steam",
        "scream",
        "tread",
        "drift",
        "cooking",
        "coating",
        "handles",
        "candies",
        "massage",
        "clause",
        "pause",
        "numbers",
        "months",
        "quarters",
        "emails",
        "wrote",
        "writes",
        "drafts",
        "loved",
        "moves",
        "summery",
        "silvery",
        "hat",
        "late",
        "cast",
        "fast",
        "vast",
        "east",
        "lasts",
        "mode",
        "held",
        "heap",
        "heal",
        "help",
        "mate",
        "mated",
    )
)
KOREAN_CORRECT = frozenset(("승급", "중급", "전량", "전락", "배출", "경제", "경기", "비용", "상의", "상기", "학계"))
"""Words that stay, however near they are to a cue."""


def corrected(text: str) -> str:
    return korean_corrected(ENGLISH.sub(lambda word: english_corrected(word[0]), text))


def english_corrected(word: str) -> str:
    lower = word.lower()
    if len(lower) < SHORTEST - 1 or (lower in CORRECT and lower != "sliver"):
        return word
    return nearest(lower) or word


@lru_cache(maxsize=4096)
def nearest(word: str) -> str | None:
    """The one cue within an edit of a word: a letter more, less, other, or two swapped."""
    found = {cue for cue in CUES if len(cue) >= SHORTEST and abs(len(cue) - len(word)) <= 1 and within_one(word, cue)}
    return found.pop() if len(found) == 1 else None


def within_one(word: str, cue: str) -> bool:
    if len(word) == len(cue):
        wrong = [place for place, (one, other) in enumerate(zip(word, cue, strict=True)) if one != other]
        if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
            first, second = wrong
            return word[first] == cue[second] and word[second] == cue[first]
        # a word of five letters with another first letter is another word
        return len(wrong) == 1 and (len(cue) > SHORTEST or wrong[0] > 0)
    longer, shorter = (word, cue) if len(word) > len(cue) else (cue, word)
    return word[0] == cue[0] and any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def korean_corrected(text: str) -> str:
    if not re.search("[가-힣]", text):
        return text
    for cue in KOREAN_CUES:
        if cue not in text:
            text = re.sub(f"[가-힣]{{{len(cue)}}}", partial(fitted_match, cue=cue), text)
    return text


def fitted_match(found: re.Match[str], cue: str) -> str:
    return fitted(found[0], cue)


@lru_cache(maxsize=65536)
def fitted(word: str, cue: str) -> str:
    letters, wanted = unicodedata.normalize("NFD", word), unicodedata.normalize("NFD", cue)
    if word in KOREAN_CORRECT or len(letters) != len(wanted) or len(letters) < SHORTEST:
        return word
    return cue if sum(one != other for one, other in zip(letters, wanted, strict=True)) == 1 else word
