"""Korean rules for electronic advertising: is a draft marked, signed, and can its receiver refuse more of it, free?

The Network Act is the Act on Promotion of Information and Communications Network Utilization and Information
Protection (정보통신망법), the decree its Enforcement Decree. What a text does not show is not judged here: the prior
consent (art. 50 para. 1, see `eligibility`), its confirmation every two years (art. 50 para. 8, decree art. 62-3), and
the answer to whoever refuses (art. 50 para. 7, decree art. 62-2). A draft that is in order is no legal advice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MARK = "(광고)"
NIGHT_BEGINS, NIGHT_ENDS = 21, 8
DISGUISED = re.compile(r"[(\[{<（［｛〔【〈《「]\W*\w{0,4}?광[\W_]*고\W*[)\]}>）］｝〕】〉》」]")
"""What a reader takes for the mark and a filter does not: blanks or signs in it, other brackets, more words."""
REACHABLE = re.compile(r"\d{2,4}-?\d{3,4}(?:-?\d{4})?|[^\s@]+@[^\s@]+\.\w+|https?://\S+")
"""A telephone number, an e-mail address or a link."""
FREE = re.compile(r"무료|\bfree\b", re.IGNORECASE)

MARK_ARTICLE = "정보통신망법 제50조 제4항, 시행령 제61조·별표 6"
EVASION_ARTICLE = "정보통신망법 제50조 제4항·제5항, 시행령 제61조·별표 6"
SENDER_ARTICLE = "정보통신망법 제50조 제4항 제1호, 시행령 제61조·별표 6"
OPT_OUT_ARTICLE = "정보통신망법 제50조 제4항 제2호, 시행령 제61조·별표 6"
FREE_ARTICLE = "정보통신망법 제50조 제6항, 시행령 제62조"
NIGHT_ARTICLE = "정보통신망법 제50조 제3항, 시행령 제61조"


@dataclass(frozen=True)
class Finding:
    """One rule that a draft breaks, and what to do."""

    article: str
    code: str
    sentence_ko: str
    sentence_en: str


def lint(
    text: str, sender: str | None, opt_out: str | None, hour: int | None, consented_night: bool
) -> tuple[Finding, ...]:
    """What is wrong with an advertisement for customers in Korea, in whatever language it is; () when nothing is.

    `sender`: its name and contact. `opt_out`: the line that says how to refuse, free of charge. Null: not known, which
    is a finding. `hour`: of the shop's clock at which it is to be sent, 0 to 23; null: not decided, so not judged.
    `consented_night`: the receivers agreed to it at night separately. Raises ValueError for another hour.
    """
    return (*marked(text), *signed(text, sender), *refusable(text, opt_out), *timely(hour, consented_night))


def draft(body: str, sender: str | None, opt_out: str | None) -> str:
    """The body between what must come first, the mark and the sender, and what must come last, how to refuse. What is
    null is left out, and `lint` tells it."""
    return "\n".join(line for line in (f"{MARK} {sender or ''}".rstrip(), body.strip(), opt_out) if line)


def marked(text: str) -> Iterator[Finding]:
    if text.startswith(MARK):
        return
    if MARK in text:
        yield Finding(
            MARK_ARTICLE,
            "mark_not_first",
            f"‘{MARK}’ 표시가 맨 앞에 없습니다. 다른 글자나 빈칸 없이 맨 앞으로 옮기세요.",
            f"{MARK} is not at the very start (Network Act art. 50 (4)); move it before everything else.",
        )
    elif found := DISGUISED.search(text):
        yield Finding(
            EVASION_ARTICLE,
            "mark_disguised",
            f"‘{found[0]}’처럼 바꾼 표시는 쓸 수 없습니다. 빈칸이나 부호 없이 ‘{MARK}’로 적으세요.",
            f"“{found[0]}” is a changed mark, which evades filters (Network Act art. 50 (4), (5)); write {MARK}.",
        )
    else:
        yield Finding(
            MARK_ARTICLE,
            "no_mark",
            f"‘{MARK}’ 표시가 없습니다. 맨 앞에 ‘{MARK}’를 적으세요.",
            f"The mark {MARK} is missing (Network Act art. 50 (4)); begin with it, in an English text too.",
        )


def signed(text: str, sender: str | None) -> Iterator[Finding]:
    if not sender or not sender.strip():
        yield Finding(
            SENDER_ARTICLE,
            "no_sender",
            "보내는 이의 이름과 연락처가 정해지지 않았습니다. message.sender를 설정하세요.",
            "The sender's name and contact are not known (Network Act art. 50 (4) 1); set message.sender.",
        )
        return
    if sender not in text.partition("\n")[0]:
        yield Finding(
            SENDER_ARTICLE,
            "sender_not_first",
            f"첫 줄에 보내는 이 ‘{sender}’의 표시가 없습니다. ‘{MARK}’ 바로 뒤에 적으세요.",
            f"The first line does not name the sender, {sender} (Network Act art. 50 (4) 1); put it after {MARK}.",
        )
    if not REACHABLE.search(sender):
        yield Finding(
            SENDER_ARTICLE,
            "no_contact",
            f"보내는 이 ‘{sender}’에 연락처가 없습니다. 전화번호나 전자우편 주소를 더하세요.",
            f"The sender, {sender}, has no contact (Network Act art. 50 (4) 1); add a telephone number or an address.",
        )


def refusable(text: str, opt_out: str | None) -> Iterator[Finding]:
    if not opt_out or not opt_out.strip():
        yield Finding(
            OPT_OUT_ARTICLE,
            "no_opt_out",
            "수신을 거부하는 방법이 정해지지 않았습니다. message.opt_out을 설정하세요.",
            "How to refuse is not known (Network Act art. 50 (4) 2); set message.opt_out.",
        )
        return
    if not text.rstrip().endswith(opt_out.strip()):
        yield Finding(
            OPT_OUT_ARTICLE,
            "opt_out_not_last",
            f"글이 ‘{opt_out}’(으)로 끝나지 않습니다. 수신 거부 방법을 맨 끝에 적으세요.",
            f"The text does not end with “{opt_out}” (Network Act art. 50 (4) 2); put how to refuse at its end.",
        )
    if not REACHABLE.search(opt_out):
        yield Finding(
            OPT_OUT_ARTICLE,
            "no_way_to_opt_out",
            f"‘{opt_out}’에 수신을 거부할 전화번호나 주소가 없습니다. 쉽게 거부할 수 있는 방법을 적으세요.",
            f"“{opt_out}” has no number or address to refuse by (Network Act art. 50 (4) 2); add an easy way.",
        )
    if not FREE.search(opt_out):
        yield Finding(
            FREE_ARTICLE,
            "opt_out_not_free",
            f"‘{opt_out}’에 무료라는 말이 없습니다. 비용 없이 거부할 수 있게 하고 그렇게 적으세요.",
            f"“{opt_out}” does not say that it is free (Network Act art. 50 (6)); make it free and say so.",
        )


def timely(hour: int | None, consented_night: bool) -> Iterator[Finding]:
    if hour is None:
        return
    if not 0 <= hour <= 23:
        raise ValueError(f"hour is {hour}; give one from 0 to 23")
    if not consented_night and (hour >= NIGHT_BEGINS or hour < NIGHT_ENDS):
        yield Finding(
            NIGHT_ARTICLE,
            "night",
            f"{hour}시는 밤 9시부터 아침 8시 사이입니다. 밤 시간 수신에 따로 동의받지 않았다면 낮에 보내세요. "
            "전자우편은 예외입니다.",
            f"{hour}:00 lies between 21:00 and 08:00 (Network Act art. 50 (3)); without a separate consent send it by "
            "day. E-mail is exempt.",
        )
