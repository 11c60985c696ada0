"""Names of products as they may stand in a text: whoever sells can write anything into them."""

import re
import unicodedata

LONGEST_NAME = 64
INVISIBLE = {"C", "Zl", "Zp"}
"""Unicode's categories of what is not seen: control, format (zero width, direction, tags), private, breaks."""
BLANKS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Letters and marks that nothing is seen of, though their category says otherwise: fillers, joiners, variations."""
MEANT_FOR_MACHINES = re.compile(
    r"[\[\](){}<>!`|*_#~\\@$^]|:/+|//+|(?<=www)\.|(?<=\w)[.。](?=[^\W\d_]{2})", re.IGNORECASE
)
"""What Markdown, HTML, formulas, slots and links are made of; the dots of a bare host name too, for some pages and
messengers make links of those."""


def clean(name: str) -> str:
    """One line of at most LONGEST_NAME visible characters that no page takes for more than words; empty without any.

    Cleaning twice is cleaning once.
    """
    seen = unicodedata.normalize("NFKC", visible(unicodedata.normalize("NFKC", name)))
    words = MEANT_FOR_MACHINES.sub(" ", seen).split()
    return unicodedata.normalize("NFC", " ".join(words)[:LONGEST_NAME]).strip()


def visible(text: str) -> str:
    """The text without what is not seen; line breaks and tabs become spaces."""
    spaced = re.sub(r"\s", " ", text)
    without = (c for c in spaced if not INVISIBLE & {unicodedata.category(c), unicodedata.category(c)[0]})
    return BLANKS.sub("", "".join(without))
