"""Particles (josa) that follow how the last sound of a word is read, for Hangul, numbers and Latin letters."""

RIEUL = 8
DIGIT_FINALS = dict(zip("0123456789", (21, RIEUL, 0, 16, 0, 0, 1, RIEUL, RIEUL, 0), strict=True))
LETTER_FINALS = {"L": RIEUL, "M": 16, "N": 4, "R": RIEUL}
WORD_FINALS = {"b": 17, "c": 1, "k": 1, "l": RIEUL, "m": 16, "n": 4, "p": 17}


def josa(word: str, pair: str) -> str:
    """The particle of `pair`, such as "은/는", "이/가", "을/를" or "으로/로", that follows `word`."""
    closed, opened = pair.split("/")
    final = last_final(word)
    if not final or (pair == "으로/로" and final == RIEUL):
        return opened
    return closed


def last_final(word: str) -> int:
    """The final consonant of the last sound, as Unicode numbers it (0: none); 0 for what has no reading."""
    last = next((character for character in reversed(word) if character.isalnum() or character == "%"), "")
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % 28
    if last.isdigit():
        return DIGIT_FINALS.get(last, 0)
    if is_spelt_out(word):
        return LETTER_FINALS.get(last.upper(), 0)
    return WORD_FINALS.get(last, 0)


def is_spelt_out(word: str) -> bool:
    """Read letter by letter: VIP, AB12C; and not as a word: Gold."""
    letters = [character for character in word if character.isascii() and character.isalpha()]
    return "".join(letters).isupper() or any(character.isdigit() for character in word)
