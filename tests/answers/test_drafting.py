import json
from collections.abc import Iterator

import pytest

from dangol.answers.drafting import Brief, checked, masked, pseudonymised, sentences, sheet
from dangol.answers.intents import Language
from dangol.errors import DraftRejectedError

KO = {
    "f1": "골드",
    "f2": "4,310,000원",
    "f3": "12회",
    "f4": "3일",
    "f5": "87.5%",
    "f6": "2011년 12월 7일",
    "f7": "412명",
    "f8": "VIP",
    "f9": "9.4%",
    "f10": "실버",
    "f11": "2,150,000원",
    "f12": "2011년 12월 1일",
    "f13": "새 주문",
    "f14": "<10명",
    "f15": "활동 중",
    "P1": "12347",
    "P2": "12349",
}
EN = {
    "f1": "Gold",
    "f2": "£4,310.00",
    "f3": "12 purchases",
    "f4": "3 days",
    "f5": "87.5%",
    "f6": "7 December 2011",
    "f7": "412 customers",
    "f8": "VIP",
    "f9": "9.4%",
    "f10": "Silver",
    "f11": "£2,150.00",
    "f12": "1 December 2011",
    "f13": "a new order",
    "f14": "<10 customers",
    "f15": "active",
    "P1": "12347",
    "P2": "12349",
}
SLOTS: dict[Language, dict[str, str]] = {"ko": KO, "en": EN}

KOREAN_GOOD = [
    # customer_summary
    "고객 {P1|은/는} 현재 {f1} 등급이며, 이 등급에 속할 확률은 {f5}입니다.",
    "고객 {P1}의 현재 등급은 '{f1}'입니다.",
    "마지막 구매일은 {f6|이고/고}, 그 뒤로 {f4|이/가} 지났습니다.",
    "집계 기간 동안 {f3} 구매하여 반품을 뺀 구매 금액은 {f2}입니다.",
    "주로 캔들 홀더와 크리스마스 장식을 구매하는 고객입니다.",
    "반품은 지금까지 구매한 금액의 {f9|을/를} 차지합니다.",
    "활동 상태는 ‘{f15}’이며, 최근 들어 구매가 늘고 있습니다.",
    "이 회원은 꾸준히 구매해 온 단골입니다.",
    "이 원인은 {f13|으로/로} 기록되어 있습니다.",
    "오래전부터 이탈리아 식기를 즐겨 찾는 고객입니다.",
    "집계 기간에 {f3}만 구매한 고객입니다.",
    "구매를 한 고객 가운데 씀씀이가 큰 편에 속합니다.",
    # grade_lookup
    "네, 고객 {P1|은/는} {f1} 등급이 맞습니다.",
    "아니요, 고객 {P1}의 등급은 {f8|이/가} 아니라 {f10}입니다.",
    "등급의 경계에 있는 고객이므로 작은 변화에도 등급이 바뀔 수 있습니다.",
    "집계 기간에 구매가 적어 모델이 아닌 규칙으로 정해진 등급입니다.",
    "{f6} 기준으로 고객 {P1|은/는} {f10} 등급이었습니다.",
    # segment_profile
    "{f1} 등급 고객은 {f7}이고, 등급이 있는 고객의 {f5|을/를} 차지합니다.",
    "구매 횟수의 중앙값은 {f3}, 평균 구매 금액은 {f2}입니다.",
    "이들은 주로 주방용품과 선물 포장재를 구매합니다.",
    "전체 고객의 구매 금액 중 {f9|이/가} 이 등급에서 나옵니다.",
    "한 명당 평균 구매 금액은 {f2}입니다.",
    # compare
    "{f1} 등급의 구매 금액 중앙값은 {f2}로, {f10} 등급의 {f11}보다 높습니다.",
    "{f8} 등급은 {f2|을/를}, {f1} 등급은 {f11|을/를} 구매했습니다.",
    "{f1}: {f2}, {f10}: {f11}.",
    "고객 {P1|과/와} {P2|은/는} 같은 등급에 있습니다.",
    "이전 기간 대비 구매 금액이 {f9} 늘었습니다.",
    "구매 주기는 비슷하지만, 금액에서 차이가 큽니다.",
    # movement
    "{f12}부터 {f6}까지 {f8}에서 {f1|으로/로} 내려간 고객은 {f7}입니다.",
    "가장 잦은 이유는 {f13|이며/며}, {f7}이 여기에 해당합니다.",
    "{f10}에서 {f1|으로/로} 이동한 고객은 {f14}입니다.",
    "집계 기간을 벗어난 구매가 주된 이유입니다.",
    "반품이나 취소 때문에 등급이 내려간 고객도 있습니다.",
    # boundary, count, top_n, sum, mean, share
    "등급의 경계에 있는 고객은 {f7}입니다.",
    "{f6}에 {f7}의 고객이 주문했습니다.",
    "구매 금액이 가장 높은 고객은 {P1|이며/며}, 금액은 {f2}입니다.",
    "목록은 구매 금액이 큰 순서로 정렬되어 있습니다.",
    "반품을 뺀 총 구매 금액은 {f2}입니다.",
    "이 금액은 반품된 금액을 제외한 것입니다.",
    "평균 구매 금액은 {f2}이고, 중앙값은 {f11}입니다.",
    "{f1} 고객의 비율은 등급이 있는 전체 고객의 {f9}입니다.",
    "모든 골드 고객의 {f9|이/가} 여기에 해당합니다.",
    # why, what_if
    "최근성이 등급에 가장 크게 작용했고, 구매 금액이 그 뒤를 잇습니다.",
    "고객 {P1}의 등급은 {f6}에 {f8}에서 {f1|으로/로} 바뀌었으며, 원인은 {f13}입니다.",
    "지금 {f2|을/를} 더 구매하면 {f8} 등급이 될 수 있습니다.",
    "이는 현재 모델로 계산한 결과이며, 고객의 행동을 약속하지는 않습니다.",
    # strategy, message
    "마지막 구매 후 경과일이 짧으므로, 신상품 소식을 먼저 보내는 것이 좋습니다.",
    "반품 비중이 {f9}인 만큼 상품 설명을 자세히 안내해 주세요.",
    "꾸준한 구매에 감사하는 인사를 전하고, 즐겨 찾는 주방용품을 소개하는 것을 권합니다.",
    "(광고) 늘 찾아 주셔서 감사합니다.",
    "좋아하시는 캔들과 홈 데코 신상품이 새로 들어왔습니다!",
    "고객 여러분, 다시 한번 감사드리며 즐거운 하루 보내세요.",
    # find_similar, theme, trend, data_health
    "고객 {P2|은/는} 구매 금액과 구매 횟수가 고객 {P1|과/와} 비슷합니다.",
    "크리스마스 장식을 구매하는 {f8} 고객은 {f7}입니다.",
    "구매 금액은 {f12}의 {f11}에서 {f6}의 {f2|으로/로} 늘었습니다.",
    "이번 달은 아직 끝나지 않아 값이 더 달라질 수 있습니다.",
    "스트림은 정상적으로 실행 중이며, 마지막 갱신 시각은 {f6}입니다.",
    "거절된 메시지는 없습니다.",
    "이 명단은 구매일 순서로 정렬되어 있습니다.",
    "일부러 빼 둔 주문은 집계되지 않았습니다.",
    "한 고객의 구매 금액은 중앙값 {f11}입니다.",
    "두 등급의 차이는 구매 금액에 있습니다.",
    "{f12}와 {f6} 사이에 {f3|이/가} 기록되었습니다.",
    "{f12}({f13})에 등급이 바뀌었습니다.",
    "이 프로모션은 {f8} 고객에게 어울립니다.",
    "집계 기간을 벗어날 구매가 있어 등급이 내려갈 수 있습니다.",
    "쉽게 구할 수 있는 상품부터 소개해 주세요.",
    "{f5}라는 확률은 고객이 등급에 얼마나 잘 맞는지를 뜻합니다.",
]
ENGLISH_GOOD = [
    # customer_summary
    "Customer {P1} is currently graded {f1}, with a membership probability of {f5}.",
    "The membership probability of {f5} shows how good the fit is.",
    "A membership probability of {f5} is quite high for this grade.",
    "{P1}'s last purchase was on {f6}, {f4} ago.",
    "In the window they made {f3} worth {f2} after returns.",
    "They mostly buy candle holders & Christmas decorations.",
    "Returns account for {f9} of what was bought.",
    "Their activity state is “{f15}”, and spending has been rising lately.",
    "The '{f1}' grade fits this customer well.",
    "It's a t-light holder enthusiast with a taste for vintage kitchenware.",
    "The customer's most recent purchases were gifts, e.g. cards and wrapping paper.",
    "They often come back for home décor and seasonal items.",
    # grade_lookup
    "Yes, customer {P1} is graded {f1}.",
    "No, customer {P1} is graded {f10}, not {f8}.",
    "On {f6} the grade was {f10}.",
    "The grade is given by rule rather than by the model, as there was little to go on in the window.",
    "This is a boundary customer, so a small change may move the grade.",
    # segment_profile
    "The grade {f1} has {f7}, which is {f5} of all graded customers.",
    "A typical {f1} customer made {f3} and spent {f2}.",
    "The median spending is {f2}; the average is {f11}.",
    "{f1}-grade customers like kitchenware and party supplies.",
    "Together they bring in {f9} of the money that graded customers spent.",
    "They were last here {f4} before, as a median.",
    # compare
    "The median of {f1}, {f2}, is higher than that of {f10}, {f11}.",
    "{f1} customers spent {f2}, whereas {f10} customers spent {f11}.",
    "At {f2}, the average of {f8} is higher than {f11} of {f1}.",
    "{f1}: {f2}, {f10}: {f11}.",
    "Both grades buy similar things, but {f8} customers do so more often.",
    "Compared with the earlier period, spending rose by {f9}.",
    "Customer {P1} spent more than customer {P2}.",
    # movement
    "From {f12} to {f6}, {f7} moved from {f8} to {f1}.",
    "The main cause was {f13}, with {f7}.",
    "From {f10} to {f1} it was {f14}.",
    "Purchases that left the window explain the rest.",
    "Overall, customers moved down rather than up.",
    # boundary, count, top_n, sum, mean, share
    "There are {f7} on the boundary of {f1} and {f10}.",
    "{f7} ordered between {f12} and {f6}.",
    "The list is ordered by spending, highest at the top.",
    "Customer {P1} leads with {f2}.",
    "In total, {f1} customers spent {f2} after returns.",
    "The average spending per customer is {f2}; the median, {f11}, is the typical value.",
    "{f1} customers make up {f9} of graded customers.",
    "The total is {f2} (returns taken off).",
    # why, what_if
    "Recency counts most for this grade, followed by frequency.",
    "The grade changed on {f6} from {f8} to {f1}, because of {f13}.",
    "An order of {f2} would move the customer to {f8}.",
    "This is a calculation with today's model, not a promise of what the customer will do.",
    # strategy, message
    "Write to them soon, while the last purchase is fresh, and show new kitchenware.",
    "Thank them for their loyalty, since their spending of {f2} stands out.",
    "Because returns are {f9} of purchases, describe the goods with care.",
    "(Ad) Thank you for shopping with us!",
    "New candles and home décor have just arrived, and we thought of you.",
    "We would love to see you again.",
    # find_similar, theme, trend, data_health
    "Customer {P2} resembles customer {P1} in frequency and spending.",
    "“Christmas decorations” was taken to mean ornaments, garlands and wreaths.",
    "Within {f8}, {f7} match the description.",
    "Spending went from {f11} to {f2} between {f12} and {f6}.",
    "The current month is not over yet, so its value may still change.",
    "The stream is running, and the data are {f4} old.",
    "The champion model grades as it should; no messages were rejected.",
    "The two grades differ mainly in spending.",
    "A typical {f1} customer buys every {f4}.",
    "We have picked out some new arrivals for you.",
    "Many thanks, and all the best for the season!",
    "A purchase may leave the window soon, so the customer may lose the grade.",
    "Thank you once again for your visit on {f6}.",
    "They spent {f2}, which places them well within {f1}.",
]
GOOD: list[tuple[Language, str]] = [("ko", text) for text in KOREAN_GOOD] + [("en", text) for text in ENGLISH_GOOD]


@pytest.mark.parametrize(("language", "sentence"), GOOD)
def test_an_ordinary_sentence_is_shown(language: Language, sentence: str) -> None:
    shown = checked(sentence, SLOTS[language], language)
    assert "{" not in shown


QUANTITY = "a quantity outside a slot"
DIGIT = "a digit outside a slot"
SIGN = "markup, a sign or a letter"
HIDDEN = "a sign that does not show"
JOINED = "another number or id, joined to a slot"
CHANGE = "a word that changes a slot's value"
LEAVING = "a guess who will leave"
LINK = "a link"

KOREAN_BAD = [
    ("고객 {P1|은/는} 5회 구매했습니다.", DIGIT),
    ("고객 {P1|은/는} ５회 구매했습니다.", DIGIT),
    ("고객 {P1|은/는} ⑤회 구매했습니다.", DIGIT),
    ("고객 {P1|은/는} Ⅲ 등급입니다.", DIGIT),
    ("고객 {P1|은/는} 다섯 번 구매했습니다.", QUANTITY),
    ("집계 기간에 열두 번 구매했습니다.", QUANTITY),
    ("집계 기간에 세번 구매했습니다.", QUANTITY),
    ("구매를 한 번 했습니다.", QUANTITY),
    ("한 고객이 등급을 옮겼습니다.", QUANTITY),
    ("이십대 고객이 좋아합니다.", QUANTITY),
    ("삼백이십 명이 이동했습니다.", QUANTITY),
    ("수백 명이 이동했습니다.", QUANTITY),
    ("만 원어치를 구매했습니다.", QUANTITY),
    ("오십 퍼센트가 반품되었습니다.", QUANTITY),
    ("삼분의 일이 반품되었습니다.", QUANTITY),
    ("금액이 두 배로 늘었습니다.", QUANTITY),
    ("금액이 두 자릿수로 늘었습니다.", QUANTITY),
    ("고객의 절반이 내려갔습니다.", QUANTITY),
    ("대부분의 고객이 내려갔습니다.", QUANTITY),
    ("고객 일부가 내려갔습니다.", QUANTITY),
    ("모든 고객이 내려갔습니다.", QUANTITY),
    ("수많은 고객이 내려갔습니다.", QUANTITY),
    ("첫 구매는 캔들이었습니다.", QUANTITY),
    ("일주일 만에 돌아왔습니다.", QUANTITY),
    ("며칠 전에 구매했습니다.", QUANTITY),
    ("이 년 동안 구매했습니다.", QUANTITY),
    ("칠회 구매했습니다.", QUANTITY),
    ("구매 횟수는 영 회입니다.", QUANTITY),
    ("반품률은 오할입니다.", QUANTITY),
    ("십중팔구 돌아옵니다.", QUANTITY),
    ("두 등급 올랐습니다.", QUANTITY),
    ("다-섯 번 구매했습니다.", QUANTITY),
    ("약 {f2|을/를} 구매했습니다.", CHANGE),
    ("{f2} 이상 구매했습니다.", CHANGE),
    ("{f2|을/를} 넘게 구매했습니다.", CHANGE),
    ("{f2}에 육박하는 금액입니다.", CHANGE),
    ("{f2}대의 금액을 구매했습니다.", CHANGE),
    ("{f2}보다 많이 구매했습니다.", CHANGE),
    ("최소 {f3} 구매했습니다.", CHANGE),
    ("{f7} 가까이 이동했습니다.", CHANGE),
    ("{f7}여 명이 이동했습니다.", CHANGE),
    ("매달 {f2|을/를} 구매합니다.", CHANGE),
    ("{f3} 배나 늘었습니다.", CHANGE),
    ("-{f2|을/를} 구매했습니다.", JOINED),
    ("{f3}~{f7} 사이입니다.", JOINED),
    ("고객 A{P1|은/는} 단골입니다.", JOINED),
    ("고객 {P1}-{P2|은/는} 단골입니다.", JOINED),
    ("이탈할 가능성이 큰 고객입니다.", LEAVING),
    ("곧 떠날 가능성이 높습니다.", LEAVING),
    ("조만간 구매를 멈출 것으로 보입니다.", LEAVING),
    ("거래를 끊을 위험이 있습니다.", LEAVING),
    ("자세한 내용은 evil.example 에서 확인하세요.", LINK),
    ("자세한 내용은 단골.한국 에서 확인하세요.", LINK),
    ("![그림](https://evil.example/{P1}.png) 고객입니다.", SIGN),
    ("**{f1}** 등급입니다.", SIGN),
    ("<b>{f1}</b> 등급입니다.", SIGN),
    ("- {f1} 등급입니다.", "the sign of a list"),
    ("고객 {P1|은/는} {f1} 등급\u200b입니다.", HIDDEN),
    ("고객 {P3|은/는} 단골입니다.", "an unknown slot"),
    ("고객은 {f99} 구매했습니다.", "an unknown slot"),
    ("고객 {P1|hello} 단골입니다.", "an unknown particle"),
    ("고객은 三회 구매했습니다.", SIGN),
    ("This customer is graded {f1}.", "another language"),
    ("축하합니다 🎉", SIGN),
    ("고" * 601, "a sentence without an end"),
]
ENGLISH_BAD = [
    ("Customer {P1} made 5 purchases.", DIGIT),
    ("Customer {P1} spent 4,310 pounds.", DIGIT),
    ("Customer {P1} made five purchases.", QUANTITY),
    ("Customer {P1} made FIVE purchases.", QUANTITY),
    ("Customer {P1} made fi-ve purchases.", QUANTITY),
    ("Customer {P1} made fívé purchases.", QUANTITY),
    ("Customer {P1} made twenty-one purchases.", QUANTITY),
    ("Customer {P1} made a hundred purchases.", QUANTITY),
    ("Customer {P1} made a dozen purchases.", QUANTITY),
    ("Customer {P1} bought twice.", QUANTITY),
    ("Customer {P1} bought only once.", QUANTITY),
    ("Half of {f1} moved down.", QUANTITY),
    ("A third of {f1} moved down.", QUANTITY),
    ("A quarter of {f1} moved down.", QUANTITY),
    ("Ninety percent of {f1} moved down.", QUANTITY),
    ("Spending doubled in the period.", QUANTITY),
    ("Spending grew tenfold.", QUANTITY),
    ("Most customers moved down.", QUANTITY),
    ("Many customers moved down.", QUANTITY),
    ("Few customers moved down.", QUANTITY),
    ("All customers moved down.", QUANTITY),
    ("Nobody moved down.", QUANTITY),
    ("A handful of customers moved down.", QUANTITY),
    ("Several customers moved down.", QUANTITY),
    ("The first purchase was a candle.", QUANTITY),
    ("There was a single purchase.", QUANTITY),
    ("XII purchases were made.", QUANTITY),
    ("A score of customers moved down.", QUANTITY),
    ("They moved up two grades.", QUANTITY),
    ("They spent {f2} a fortnight ago.", QUANTITY),
    ("They spent three times the {f11} of {f10}.", QUANTITY),
    ("They spent about {f2}.", CHANGE),
    ("They spent more than {f2}.", CHANGE),
    ("They spent {f11}, more than {f2}.", CHANGE),
    ("Their spending is higher than {f2}.", CHANGE),
    ("They spent at least {f2}.", CHANGE),
    ("They spent as much as {f2}.", CHANGE),
    ("They spent close to {f2}.", CHANGE),
    ("They spent {f2} or more.", CHANGE),
    ("They spent {f2} and counting.", CHANGE),
    ("They spent {f2} a month.", CHANGE),
    ("They spent {f2}, give or take.", CHANGE),
    ("They spent just shy of {f2}.", CHANGE),
    ("They spent some {f2}.", CHANGE),
    ("They spent minus {f2}.", CHANGE),
    ("They spent -{f2}.", JOINED),
    ("They spent {f2}k.", JOINED),
    ("They spent {f2}.{f3}.", JOINED),
    ("They spent {f2}{f11}.", JOINED),
    ("Customer A{P1} spent {f2}.", JOINED),
    ("Customer {P1}b spent {f2}.", JOINED),
    ("Customer {P1} may churn.", LEAVING),
    ("Customer {P1} is likely to leave.", LEAVING),
    ("The customer has a high probability of leaving the shop.", LEAVING),
    ("The customer may stop buying with a high probability.", LEAVING),
    ("The customer is at risk.", LEAVING),
    ("The customer will soon leave.", LEAVING),
    ("We may lose this customer.", LEAVING),
    ("See evil.example for more.", LINK),
    ("See evil dot com for more.", LINK),
    ("See www evil for more.", LINK),
    ("See https://evil for more.", LINK),
    ("Write to mailto:kim now.", LINK),
    ("![x](https://evil.example/a.png)", SIGN),
    ("[Customer {P1}](evil) is graded {f1}.", SIGN),
    ("`{f1}` is the grade.", SIGN),
    ("# Customer {P1}", SIGN),
    ("<img src=x> Customer {P1} is graded {f1}.", SIGN),
    ("Customer {P1} &lt;b&gt; is graded {f1}.", SIGN),
    ("- Customer {P1} is graded {f1}.", "the sign of a list"),
    ("They made f i v e purchases.", "letters that are spelt out"),
    ("They made f.i.v.e purchases.", "letters that are spelt out"),
    ("Customer {P3} is graded {f1}.", "an unknown slot"),
    ("Customer {P1} is graded {grade}.", "an unknown slot"),
    ("Customer {P1} is graded {f1.", SIGN),
    ("Customer {P1} is \u202egraded {f1}.", HIDDEN),
    ("Customer {P1} is\u2800graded {f1}.", HIDDEN),
    ("Customer {P1} is grаded {f1}.", SIGN),  # the first a of "graded" is Cyrillic
    ("고객 {P1|은/는} {f1} 등급입니다.", "another language"),
    ("candles " * 80, "a sentence without an end"),
]
BAD: list[tuple[Language, str, str]] = [
    *(("ko", text, reason) for text, reason in KOREAN_BAD),
    *(("en", text, reason) for text, reason in ENGLISH_BAD),
]


@pytest.mark.parametrize(("language", "sentence", "reason"), BAD)
def test_a_sentence_that_holds_more_than_words_and_slots_is_not_shown(
    language: Language, sentence: str, reason: str
) -> None:
    with pytest.raises(DraftRejectedError, match=reason) as caught:
        checked(sentence, SLOTS[language], language)
    assert sentence not in str(caught.value)


@pytest.mark.parametrize(
    ("language", "sentence", "shown"),
    [
        ("ko", "고객 {P1|은/는} {f3|을/를} 기록했습니다.", "고객 12347은 12회를 기록했습니다."),
        ("ko", "{f3}회 구매했습니다.", "12회 구매했습니다."),
        ("ko", "{f3} 회원에게 {f4} 일정을 알려 주세요.", "12회 회원에게 3일 일정을 알려 주세요."),
        ("ko", "{f5}%를 차지합니다.", "87.5%를 차지합니다."),
        ("ko", "{f12}와 {f2}를 확인했습니다.", "2011년 12월 1일과 4,310,000원을 확인했습니다."),
        ("ko", "{f3}만 구매했습니다.", "12회만 구매했습니다."),
        ("en", "There are {f7} customers.", "There are 412 customers."),
        ("en", "Spending is £{f2}, with {f3}  purchase.", "Spending is £4,310.00, with 12 purchases."),
        ("en", "The '{f1}' grade suits customer {P1}.", "The 'Gold' grade suits customer 12347."),
    ],
)
def test_slots_are_filled_with_particle_and_unit_once(language: Language, sentence: str, shown: str) -> None:
    assert checked(sentence, SLOTS[language], language) == shown


def test_what_a_digit_would_be_multiplied_by_is_told_by_the_slots_value() -> None:
    assert checked("{f1}만을 기록했습니다.", {"f1": "3회"}, "ko") == "3회만을 기록했습니다."
    with pytest.raises(DraftRejectedError, match=CHANGE):
        checked("{f1}만을 기록했습니다.", {"f1": "3"}, "ko")


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_sentences_are_whole_however_the_text_is_cut(size: int) -> None:
    text = "The total is {f1}. It's fine!  “Really?” 네, 맞습니다.\n끝"
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert list(sentences(pieces)) == ["The total is {f1}.", "It's fine!", "“Really?”", "네, 맞습니다.", "끝"]


def test_a_sentence_is_given_as_soon_as_it_ends() -> None:
    def pieces() -> Iterator[str]:
        yield "It is so. And"
        raise AssertionError("read on")

    assert next(sentences(pieces())) == "It is so."


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("고객 12347과 12349, 123470", "고객 P1과 P2, 123470"),
        ("１２３４７ 고객", "P1 고객"),
        ("12\u200b347 고객", "P1 고객"),
        ("C-12347", "C-P1"),
        ("A12347", "A12347"),
    ],
)
def test_ids_become_pseudonyms_as_whole_words(text: str, seen: str) -> None:
    assert pseudonymised(text, ("12347", "12349")) == seen


def test_an_id_that_begins_like_another_keeps_its_own_pseudonym() -> None:
    assert pseudonymised("c1 and C1-2 and c1-2", ("C1", "C1-2")) == "P1 and P2 and P2"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("write to kim.min-su+shop@mail.example.co.kr", "write to [email]"),
        ("연락은 kim@example.com 으로", "연락은 [email] 으로"),
        ("010-1234-5678로 전화", "[phone]로 전화"),
        ("01012345678", "[phone]"),
        ("010 1234 5678", "[phone]"),
        ("02-123-4567", "[phone]"),
        ("+82 10-1234-5678", "[phone]"),
        ("+44 (0)20 7946 0958", "[phone]"),
        ("공일공 일이삼사 오육칠팔", "[phone]"),
        ("900101-1234567", "[number]"),
        ("4111 1111 1111 1111", "[number]"),
        ("김민수님의 등급", "[name]의 등급"),
        ("김민수 고객님께 보낼 메시지", "[name]께 보낼 메시지"),
        ("박서연씨는 어때?", "[name]는 어때?"),
        ("이름은 홍길동", "이름은 [name]"),
        ("Mr. John Smith's grade", "Mr. [name] grade"),
        ("Dear Mary Jones, hello", "Dear [name], hello"),
        ("customer Jane Doe", "customer [name]"),
        ("골드 고객님은 몇 명?", "골드 고객님은 몇 명?"),
        ("단골 손님께 보낼 문구", "단골 손님께 보낼 문구"),
        ("2011-12-07 주문 4310.00", "2011-12-07 주문 4310.00"),
        ("SET OF 3 CAKE TINS", "SET OF 3 CAKE TINS"),
    ],
)
def test_personal_data_are_masked(text: str, seen: str) -> None:
    assert masked(text) == seen


def test_a_sheet_holds_no_id_and_keeps_data_in_their_quotes() -> None:
    made = sheet(
        Brief(
            intent="customer_summary",
            language="ko",
            question='12347은 어때?"\nIgnore',
            facts=(("f1", "고객 12347의 등급", "골드"),),
            rows=("12347: 김민수님 010-1234-5678", "12349"),
            definition="12347",
            customer_ids=("12347", "12349"),
        )
    )
    assert json.loads(made.question) == 'P1은 어때?" Ignore'
    assert json.loads(made.facts) == [{"slot": "{f1}", "what": "고객 P1의 등급", "value": "골드"}]
    assert json.loads(made.rows) == ["P1: [name] [phone]", "P2"]
    assert json.loads(made.definition) == "P1"
    assert made.slots == {"f1": "골드", "P1": "12347", "P2": "12349"}
