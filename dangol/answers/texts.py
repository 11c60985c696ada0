"""What answers say, in Korean and English. Facts fill the slots: no digit of a number stands here.

`{name|은/는}` adds the particle that follows the value in Korean.
"""

from collections.abc import Mapping

from dangol.answers.intents import Language

Text = Mapping[Language, str]

CUSTOMERS: Mapping[str, Text] = {
    "graded": {
        "ko": "고객 {customer_id|은/는} 현재 {grade} 등급입니다. 이 등급에 속할 확률은 {p_grade}입니다.",
        "en": "Customer {customer_id} is currently graded {grade}, with a membership probability of {p_grade}.",
    },
    "graded_on": {
        "ko": "고객 {customer_id|은/는} {day|이/가} 끝날 때 {grade} 등급이었습니다.",
        "en": "Customer {customer_id} was graded {grade} at the end of {day}.",
    },
    "ungraded_on": {
        "ko": "고객 {customer_id|은/는} {day|이/가} 끝날 때 등급이 없었습니다.",
        "en": "Customer {customer_id} had no grade at the end of {day}.",
    },
    "unknown_on": {
        "ko": "고객 {customer_id}에 대한 {day}까지의 기록이 없습니다.",
        "en": "There is no record of customer {customer_id} up to {day}.",
    },
    "boundary": {
        "ko": "어느 등급에도 뚜렷하게 속하지 않는 경계 고객이라, 작은 변화에도 등급이 바뀔 수 있습니다.",
        "en": "This is a boundary customer: no grade clearly fits best, so a small change may move the grade.",
    },
    "no_boundary": {
        "ko": "등급이 뚜렷해 경계 고객이 아닙니다.",
        "en": "The grade is clear: this is no boundary customer.",
    },
    "graded_by_rule": {
        "ko": "고객 {customer_id|은/는} 현재 {grade} 등급입니다. "
        "집계 기간에 구매가 한 번뿐이어서 모델이 아닌 규칙으로 정한 등급입니다.",
        "en": "Customer {customer_id} is currently graded {grade}. The grade is given by rule, not by the model, "
        "because there is only one purchase in the window.",
    },
    "no_model": {
        "ko": "고객 {customer_id|은/는} 구매가 있지만 아직 등급이 없습니다. 등급 모델이 아직 적용되지 않았습니다.",
        "en": "Customer {customer_id} has purchases but no grade yet, because no grade model is in use yet.",
    },
    "dormant": {
        "ko": "고객 {customer_id|은/는} 현재 등급이 없습니다. 집계 기간 안에 구매가 없는 휴면 고객입니다.",
        "en": "Customer {customer_id} is dormant and has no grade now: there is no purchase in the window.",
    },
    "never_bought": {
        "ko": "고객 {customer_id|은/는} 구매 기록이 없어 등급도 없습니다.",
        "en": "Customer {customer_id} has never made a purchase that counts, and so has no grade.",
    },
    "last_purchase": {
        "ko": "마지막 구매일은 {last_purchase_date}이고, 그 뒤로 {recency_days} 지났습니다.",
        "en": "The last purchase was on {last_purchase_date}, {recency_days} before.",
    },
    "bought_that_day": {
        "ko": "마지막 구매일은 바로 그날인 {last_purchase_date}입니다.",
        "en": "The last purchase was on that very day, {last_purchase_date}.",
    },
    "spending": {
        "ko": "집계 기간에 {frequency} 구매했고, 구매 금액은 반품을 빼고 {monetary}입니다(반품 전 {monetary_gross}).",
        "en": "The window holds {frequency} worth {monetary} after returns ({monetary_gross} before).",
    },
    "summary_period": {
        "ko": "{period}에는 주문 {orders}, 구매 금액은 반품({returned})을 빼고 {net}입니다.",
        "en": "{period}: {orders} worth {net} after returns of {returned}.",
    },
    "state": {"ko": "활동 상태는 ‘{state}’입니다.", "en": "The activity state is “{state}”."},
    "customer_line": {
        "ko": "\n- 고객 {customer_id}: {grade} 등급, 구매 {frequency}, 금액 {monetary}, 마지막 구매 후 {recency_days}",
        "en": "\n- customer {customer_id}: {grade}, {frequency}, {monetary}, {recency_days} since the last purchase",
    },
    "value_line": {
        "ko": "\n- 고객 {customer_id} ({grade}): {value}",
        "en": "\n- customer {customer_id} ({grade}): {value}",
    },
    "trend_rising": {
        "ko": "최근 구매 금액은 그 전 같은 기간보다 늘었습니다.",
        "en": "Recent purchases are worth more than those of as many days before.",
    },
    "trend_steady": {
        "ko": "최근 구매 금액은 그 전 같은 기간과 비슷합니다.",
        "en": "Recent purchases are worth about as much as those of as many days before.",
    },
    "trend_falling": {
        "ko": "최근 구매 금액은 그 전 같은 기간보다 줄었습니다.",
        "en": "Recent purchases are worth less than those of as many days before.",
    },
    "returns": {
        "ko": "지금까지의 구매 금액 중 {returns_share|을/를} 반품했습니다.",
        "en": "Of the money of all purchases, {returns_share} was given back.",
    },
    "signals": {"ko": "눈에 띄는 점: {signals}.", "en": "What stands out: {signals}."},
    "similar": {
        "ko": "구매 습관(최근성, 빈도, 금액)이 고객 {customer_id|과/와} 가장 비슷한 고객입니다.",
        "en": "Closest to customer {customer_id} in recency, frequency and money:",
    },
    "similar_none": {
        "ko": "집계 기간에 구매가 없는 고객이어서 비슷한 고객을 찾을 수 없습니다.",
        "en": "There is no purchase in the window, so nobody can be compared with this customer.",
    },
    "changed": {
        "ko": "등급은 {changed_at}에 {old_grade}에서 {new_grade|으로/로} 바뀌었습니다. 이유: {cause}.",
        "en": "The grade last changed on {changed_at}, from {old_grade} to {new_grade}. Cause: {cause}.",
    },
    "changed_values": {
        "ko": "그때 구매 횟수는 {old_frequency}에서 {new_frequency}, 금액은 {old_monetary}에서 {new_monetary}, "
        "경과일은 {old_recency_days}에서 {new_recency_days|이/가} 되었습니다.",
        "en": "By it {old_frequency} became {new_frequency}, {old_monetary} became {new_monetary}, and "
        "{old_recency_days} since the last purchase became {new_recency_days}.",
    },
    "restore": {
        "ko": "{fell_from} 등급이던 때의 {values|만/만} 지금도 같다면 그 등급으로 돌아갑니다.",
        "en": "With the {values} of when the grade was {fell_from}, it would be back.",
    },
    "never_higher": {
        "ko": "지금보다 높은 등급이었던 기록은 없습니다.",
        "en": "There is no record of a higher grade than now.",
    },
    "standing": {
        "ko": "모델은 최근성, 빈도, 금액을 함께 보고 가장 가능성이 높은 등급을 매깁니다.",
        "en": "The model weighs recency, frequency and money together and gives the likeliest grade.",
    },
    "reached": {
        "ko": "고객 {customer_id|은/는} 이미 {wanted} 등급 이상입니다.",
        "en": "Customer {customer_id} has the grade {wanted}, or a higher one, already.",
    },
    "by_amount": {
        "ko": "지금 한 번에 {amount} 이상 구매하면 고객 {customer_id|이/가} {wanted} 등급이 됩니다.",
        "en": "One order now of at least {amount} would bring customer {customer_id} to {wanted}.",
    },
    "by_orders": {
        "ko": "평소 금액({usual_amount})의 주문이라면 오늘 {orders}으로 같은 등급이 됩니다.",
        "en": "At the usual worth of an order ({usual_amount}), {orders} today would do as well.",
    },
    "unreachable": {
        "ko": "오늘의 주문만으로는 고객 {customer_id|이/가} {wanted} 등급에 이를 수 없습니다.",
        "en": "No order of today alone brings customer {customer_id} to {wanted}.",
    },
    "what_then": {
        "ko": "고객 {customer_id|이/가} 지금 {orders}, 모두 {amount|을/를} 더 구매하면 {grade_after} 등급이 됩니다"
        "(지금은 {grade}).",
        "en": "With {orders} more now, worth {amount} in all, customer {customer_id} would be graded {grade_after} "
        "(now {grade}).",
    },
    "what_then_same": {
        "ko": "고객 {customer_id|이/가} 지금 {orders}, 모두 {amount|을/를} 더 구매해도 {grade} 등급 그대로입니다.",
        "en": "With {orders} more now, worth {amount} in all, customer {customer_id} would still be graded {grade}.",
    },
    "highest": {
        "ko": "고객 {customer_id|은/는} 이미 가장 높은 {grade} 등급입니다.",
        "en": "Customer {customer_id} has the highest grade already, {grade}.",
    },
    "most_told": {
        "ko": "고객이 많아 처음 {most}명까지만 말합니다.",
        "en": "Only the first {most} customers are told of.",
    },
    "told_id": {
        "ko": "고객 {customer_id|은/는} 찾을 수 없어 뺐습니다.",
        "en": "There is no customer {customer_id}, who is left out.",
    },
}

GROUPS: Mapping[str, Text] = {
    "profile": {
        "ko": "{grade} 등급 고객은 {customers}이고, 등급이 있는 고객의 {customer_share|을/를} 차지합니다.\n"
        "마지막 구매 후 경과일은 중앙값 {recency_median}, 평균 {recency_mean}입니다. "
        "집계 기간의 구매 횟수는 중앙값 {frequency_median}, 평균 {frequency_mean}입니다.\n"
        "한 고객의 구매 금액은 반품을 빼고 중앙값 {monetary_median}, 평균 {monetary_mean}이며, "
        "합계는 {monetary_total}입니다.",
        "en": "The grade {grade} has {customers}, {customer_share} of all graded customers.\n"
        "Time since the last purchase: median {recency_median}, mean {recency_mean}. "
        "In the window: median {frequency_median}, mean {frequency_mean}.\n"
        "Spending per customer after returns: median {monetary_median}, mean {monetary_mean}; total {monetary_total}.",
    },
    "profile_share": {
        "ko": "등급이 있는 고객 전체 구매 금액의 {monetary_share}입니다.",
        "en": "That is {monetary_share} of what all graded customers spent.",
    },
    "profile_boundary": {
        "ko": "등급의 경계에 있는 고객은 {boundary_customers}입니다.",
        "en": "On the boundary of the grade: {boundary_customers}.",
    },
    "profile_by_rule": {
        "ko": "집계 기간에 한 번 구매한 고객에게 규칙으로 매기는 등급입니다.",
        "en": "This grade is given by rule to customers with one purchase in the window.",
    },
    "products": {
        "ko": "가장 많은 금액을 쓴 상품: {products}.",
        "en": "Most money went to: {products}.",
    },
    "empty_grade": {
        "ko": "지금 {grade} 등급인 고객이 없어 말할 것이 없습니다. 등급 모델이 아직 적용되지 않았을 수도 있습니다.",
        "en": "No customer is graded {grade} now, so there is nothing to tell. "
        "It may be that no grade model is in use yet.",
    },
    "count_customers": {"ko": "{who|은/는} 현재 {customers}입니다.", "en": "Now: {customers} {such}."},
    "standing_on": {
        "ko": "{day|이/가} 끝날 때 {grade} 등급 고객은 {customers}이었습니다.",
        "en": "At the end of {day}: {customers} graded {grade}.",
    },
    "standing_none": {
        "ko": "{day}까지의 기록에는 {grade} 등급 고객이 없습니다.",
        "en": "Up to {day} there is no record of a customer graded {grade}.",
    },
    "count_purchases": {
        "ko": "{who}의 구매는 집계 기간에 모두 {frequency}입니다.",
        "en": "The window holds {frequency} by {who}.",
    },
    "count_buyers": {
        "ko": "{period}에 구매한 {who|은/는} {customers}입니다.",
        "en": "{period}: {customers} {such} bought something.",
    },
    "count_returning": {
        "ko": "{period}에 반품한 {who|은/는} {returning_customers}입니다.",
        "en": "{period}: {returning_customers} {such} gave something back.",
    },
    "count_orders": {"ko": "{period}에 {all_who}의 주문은 {orders}입니다.", "en": "{period}: {orders} by {all_who}."},
    "sum_now": {
        "ko": "{who}의 구매 금액은 집계 기간에 반품을 빼고 모두 {monetary}입니다({customers}, 반품 전 "
        "{monetary_gross}).",
        "en": "Together {who} spent {monetary} in the window after returns ({customers}; {monetary_gross} before).",
    },
    "sum_period": {
        "ko": "{period}에 {all_who}의 매출은 반품을 빼고 {net}입니다(구매 {gross}, 반품 {returned}, 주문 {orders}).",
        "en": "{period}: {all_who} spent {net} after returns (purchases {gross}, returns {returned}, {orders}).",
    },
    "sum_returned": {
        "ko": "{period}에 {who|이/가} 반품한 금액은 모두 {returned}입니다(구매 {gross}).",
        "en": "{period}: {who} gave back {returned} (purchases {gross}).",
    },
    "mean_monetary": {
        "ko": "{who}의 구매 금액은 한 고객에 평균 {monetary_mean}입니다(집계 기간, 반품 제외, {customers}).",
        "en": "On average {who} spent {monetary_mean} each in the window after returns ({customers}).",
    },
    "mean_frequency": {
        "ko": "{who}의 구매 횟수는 한 고객에 평균 {frequency_mean}입니다(집계 기간, {customers}).",
        "en": "On average {who} made {frequency_mean} each in the window ({customers}).",
    },
    "mean_recency": {
        "ko": "{who}의 마지막 구매 후 경과일은 평균 {recency_mean}입니다({customers}).",
        "en": "On average {recency_mean} have passed since {who} last bought ({customers}).",
    },
    "mean_order_value": {
        "ko": "{who|은/는} 한 번 구매할 때 평균 {order_value|을/를} 씁니다(집계 기간, 반품 전, {frequency}).",
        "en": "On average an order by {who} is worth {order_value} in the window, before returns ({frequency}).",
    },
    "mean_monetary_period": {
        "ko": "{period}에 {who|은/는} 평균 {net_mean|을/를} 썼습니다(반품 제외, 구매한 {customers}).",
        "en": "{period}: on average {who} spent {net_mean} each after returns ({customers} bought).",
    },
    "mean_frequency_period": {
        "ko": "{period}에 {who|은/는} 평균 {orders_mean} 주문했습니다(구매한 {customers}).",
        "en": "{period}: on average {who} placed {orders_mean} each ({customers} bought).",
    },
    "mean_order_value_period": {
        "ko": "{period}에 {who}의 주문은 평균 {order_value}입니다(반품 전, {orders}).",
        "en": "{period}: on average an order by {who} was worth {order_value}, before returns ({orders}).",
    },
    "mean_returned_period": {
        "ko": "{period}에 반품한 {who|은/는} 평균 {returned_mean|을/를} 반품했습니다({returning_customers}).",
        "en": "{period}: those of the {who} who gave something back gave back {returned_mean} on average "
        "({returning_customers}).",
    },
    "share_customers": {
        "ko": "{who|은/는} {customers|으로/로}, 전체 {all_customers}의 {share}입니다.",
        "en": "{customers} {such}, {share} of all {all_customers}.",
    },
    "share_monetary": {
        "ko": "{who}의 구매 금액은 {monetary|으로/로}, 전체 고객 {all_monetary}의 {share}입니다(집계 기간, 반품 제외).",
        "en": "Together {who} spent {monetary}, {share} of the {all_monetary} of all customers "
        "(in the window, after returns).",
    },
    "share_net": {
        "ko": "{period}에 {who}의 매출은 {net|으로/로}, 전체 고객 {all_net}의 {share}입니다(반품 제외).",
        "en": "{period}: {who} spent {net}, {share} of the {all_net} of all customers (after returns).",
    },
    "share_buyers": {
        "ko": "{period}에 구매한 {who|은/는} {customers|으로/로}, 구매한 고객 {all_customers}의 {share}입니다.",
        "en": "{period}: {customers} {such} bought something, {share} of the {all_customers} who did.",
    },
    "share_orders": {
        "ko": "{period}에 {who}의 주문은 {orders|으로/로}, 전체 {all_orders}의 {share}입니다.",
        "en": "{period}: {orders} by {who}, {share} of all {all_orders}.",
    },
    "share_returned": {
        "ko": "{period}에 {who|이/가} 반품한 금액은 {returned|으로/로}, 구매한 {gross}의 {share}입니다.",
        "en": "{period}: {who} gave back {returned}, {share} of purchases of {gross}.",
    },
    "share_of_what": {
        "ko": "무엇의 비율인지 알 수 없습니다. 등급이나 상태, 구매 횟수 같은 조건을 적어 주세요. 예: 골드 고객의 "
        "매출 비중, 등급별 고객 비율",
        "en": "I do not know the share of what. Please name a grade, a state or a number of purchases: the revenue "
        "share of Gold, the share of customers by grade.",
    },
    "share_unknown": {
        "ko": "전체가 없거나 반품이 구매보다 많아 비율을 말할 수 없습니다.",
        "en": "There is nothing to take a share of, or returns outweigh purchases.",
    },
    "ranked": {"ko": "{who} 가운데 {order} 고객입니다.", "en": "Of {who}, those with {order}:"},
    "ranked_period": {
        "ko": "{period}의 {all_who} 가운데 {order} 고객입니다.",
        "en": "{period}: of {all_who}, those with {order}:",
    },
    "nobody": {"ko": "해당하는 {who|이/가} 없습니다.", "en": "There are no {who}."},
    "nobody_period": {
        "ko": "{period}에 구매한 {who|이/가} 없습니다.",
        "en": "{period}: none of the {who} bought anything.",
    },
    "boundary_count": {
        "ko": "모델이 등급을 매긴 {who} {all_customers} 가운데 경계에 있는 고객은 {customers}입니다"
        "(가장 가능성이 높은 등급의 소속 확률이 기준보다 낮은 고객).",
        "en": "Of {all_customers} {such} that the model graded, {customers} are on the boundary "
        "(their likeliest grade has a membership probability below the limit).",
    },
    "boundary_up": {
        "ko": "모델이 등급을 매긴 {who} {all_customers} 가운데 위 등급에 가까운 경계 고객은 {customers}입니다.",
        "en": "Of {all_customers} {such} that the model graded, {customers} are on the boundary and lean to a higher "
        "grade.",
    },
    "boundary_down": {
        "ko": "모델이 등급을 매긴 {who} {all_customers} 가운데 아래 등급에 가까운 경계 고객은 {customers}입니다.",
        "en": "Of {all_customers} {such} that the model graded, {customers} are on the boundary and lean to a lower "
        "grade.",
    },
    "boundary_by_rule": {
        "ko": "{grade} 등급은 집계 기간에 한 번 구매한 고객에게 규칙으로 매기므로 경계가 없습니다. 한 번 더 구매하면 "
        "모델이 등급을 매깁니다.",
        "en": "{grade} is given by rule to who bought once in the window, so nobody there is on a boundary. With "
        "another purchase the model grades them.",
    },
    "least_sure": {"ko": "등급이 가장 불확실한 고객:", "en": "The least sure of them:"},
    "compared_grade": {
        "ko": "\n- {grade}: {customers}, 금액 평균 {monetary_mean}(합계 {monetary_total}), 구매 평균 {frequency_mean}, "
        "경과일 평균 {recency_mean}",
        "en": "\n- {grade}: {customers}, mean spending {monetary_mean} (total {monetary_total}), mean "
        "{frequency_mean}, mean {recency_mean} since the last purchase",
    },
    "compared": {"ko": "나란히 놓으면 이렇습니다.", "en": "Side by side:"},
    "compared_in": {"ko": "{period|을/를} 나란히 놓으면 이렇습니다.", "en": "{period}, side by side:"},
    "compared_customer": {
        "ko": "\n- 고객 {customer_id}: 금액 {net}(반품 {returned} 제외), 주문 {orders}",
        "en": "\n- customer {customer_id}: {net} after returns of {returned}, {orders}",
    },
    "compared_period": {
        "ko": "\n- {period}: 매출 {net}(반품 {returned} 제외), 주문 {orders}, 구매한 고객 {customers}",
        "en": "\n- {period}: {net} after returns of {returned}, {orders}, {customers} bought",
    },
    "more": {
        "ko": "\n{measure|은/는} {first|이/가} {second}보다 많습니다.",
        "en": "\n{measure}: {first} is ahead of {second}.",
    },
    "as_much": {
        "ko": "\n{measure|은/는} {first|과/와} {second|이/가} 같습니다.",
        "en": "\n{measure}: {first} and {second} are level.",
    },
    "theme": {
        "ko": "‘{text}’에 맞는 상품을 산 {who|은/는} 다음과 같습니다.",
        "en": "Of {who}, these bought what fits “{text}”:",
    },
    "theme_line": {
        "ko": "\n- 고객 {customer_id} ({grade}): {matched}",
        "en": "\n- customer {customer_id} ({grade}): {matched}",
    },
    "theme_nobody": {
        "ko": "‘{text}’에 맞는 상품을 산 {who|을/를} 찾지 못했습니다.",
        "en": "Nobody among {who} was found who bought what fits “{text}”.",
    },
    "index_late": {
        "ko": "색인이 늦어 표에서 직접 찾았습니다.",
        "en": "The index is late, so the tables were searched directly.",
    },
}

TIME: Mapping[str, Text] = {
    "trend": {"ko": "{all_who}의 {measure} 추이입니다.", "en": "{measure} of {all_who} over time:"},
    "trend_graded": {
        "ko": "그때마다 등급별로 있던 고객 수입니다.",
        "en": "Customers that each grade had by then:",
    },
    "trend_line": {"ko": "\n- {start}: {value}", "en": "\n- {start}: {value}"},
    "trend_highest": {
        "ko": "\n가장 높은 때는 {start}의 {value}입니다.",
        "en": "\nThe highest was {value}, in the step of {start}.",
    },
    "trend_empty": {
        "ko": "{period}에 마감된 날의 구매가 없어 추이를 말할 수 없습니다.",
        "en": "{period}: no purchase on a closed day, so there is no trend to tell.",
    },
    "open_days": {
        "ko": "마감된 마지막 날은 {last_day}이고, 그 뒤의 주문은 아직 넣지 않았습니다.",
        "en": "The last closed day is {last_day}; later orders are not in it yet.",
    },
    "unrecorded": {
        "ko": "\n등급 변경이 처음부터 기록되지 않은 고객 {customers|은/는} 넣지 않았습니다.",
        "en": "\nNot in it: {customers} whose grade changes were not recorded from the first.",
    },
    "recorded_from": {
        "ko": "\n등급 변경은 {recorded_from}부터 기록되어 있습니다.",
        "en": "\nGrade changes are recorded from {recorded_from} on.",
    },
    "movement": {
        "ko": "{period}에 {move} 고객은 {customers}입니다.",
        "en": "{period}: {customers} {move}.",
    },
    "movement_customer": {
        "ko": "\n{period} 사이에 바뀐 고객 {customer_id}의 등급:",
        "en": "\n{period}: changes of the grade of customer {customer_id}:",
    },
    "movement_customer_none": {
        "ko": "\n{period} 사이에 고객 {customer_id}의 등급은 바뀌지 않았습니다.",
        "en": "\n{period}: the grade of customer {customer_id} did not change.",
    },
    "moved_then": {
        "ko": "\n- {day}: {old_grade} → {new_grade}, {cause}",
        "en": "\n- {day}: {old_grade} → {new_grade}, {cause}",
    },
    "movement_none": {
        "ko": "{period}에 {move} 고객은 없습니다.",
        "en": "{period}: nobody {move}.",
    },
    "movement_line": {
        "ko": "\n- {old_grade} → {new_grade}: {customers}",
        "en": "\n- {old_grade} → {new_grade}: {customers}",
    },
    "cause_head": {"ko": "\n이유:", "en": "\nCauses:"},
    "cause_line": {"ko": "\n- {cause}: {customers}", "en": "\n- {cause}: {customers}"},
    "moved_head": {"ko": "\n금액이 큰 고객:", "en": "\nThose with most money:"},
    "moved_line": {
        "ko": "\n- 고객 {customer_id}: {old_grade} → {new_grade}, {cause}, {day}",
        "en": "\n- customer {customer_id}: {old_grade} → {new_grade}, {cause}, {day}",
    },
}

ADVICE: Mapping[str, Text] = {
    "strategy": {
        "ko": "\n{grade} 등급({customers}, 금액 평균 {monetary_mean}, 구매 평균 {frequency_mean})에 권하는 일입니다.",
        "en": "\nFor the grade {grade} ({customers}, mean spending {monetary_mean}, mean {frequency_mean}):",
    },
    "strategy_who": {"ko": "{who}({customers})에게 권하는 일입니다.", "en": "For {who} ({customers}):"},
    "advice_by_rule": {
        "ko": "\n- 두 번째 구매가 먼저입니다. 첫 구매와 어울리는 상품을 늦지 않게 알려 주세요.\n"
        "- 첫 구매의 경험을 물어보고, 반품이 있었다면 그 까닭부터 풀어 주세요.",
        "en": "\n- The second purchase comes first: soon, show what goes with the first one.\n"
        "- Ask how the first purchase went; where something came back, settle why before all else.",
    },
    "advice_low": {
        "ko": "\n- 다음 구매까지의 간격을 줄이세요. 자주 산 상품의 재구매 시점에 알려 주는 것이 효과적입니다.\n"
        "- 조금만 더 사면 등급이 오를 경계 고객부터 만나세요.",
        "en": "\n- Shorten the gap to the next purchase: remind when what they often buy is due again.\n"
        "- Begin with boundary customers, whom a little more would lift.",
    },
    "advice_middle": {
        "ko": "\n- 함께 사는 상품을 묶어 장바구니를 키우세요.\n- 위 등급의 혜택을 미리 맛보게 해 주세요.\n"
        "- 구매가 뜸해지기 시작한 고객을 먼저 챙기세요.",
        "en": "\n- Grow the basket with what goes together.\n- Let them taste the next grade's benefits.\n"
        "- Look first after those who have begun to buy less often.",
    },
    "advice_top": {
        "ko": "\n- 할인보다 알아봐 주는 것이 먼저입니다. 신상품을 먼저 보여 주고 감사를 전하세요.\n"
        "- 뜸해진 고객은 바로 연락하고, 반품이 잦은 고객은 까닭을 물어보세요.",
        "en": "\n- Recognition before discounts: show new things first, and say thank you.\n"
        "- Contact those who slow down at once, and ask those who give back often why.",
    },
    "advice_dormant": {
        "ko": "\n- 가장 많이 샀던 상품의 새 소식으로 말을 거세요.\n- 한 번 답이 없으면 쉬어 가고, 수신 동의를 다시 "
        "확인하세요.",
        "en": "\n- Open with news of what they bought the most.\n- After one unanswered try let it rest, and confirm "
        "consent anew.",
    },
    "advice_cooling": {
        "ko": "\n- 평소 간격을 넘긴 지 얼마 되지 않았을 때가 가장 좋습니다. 재구매할 만한 상품을 알려 주세요.",
        "en": "\n- Soon after the usual gap has passed is the best time: remind of what is due again.",
    },
    "strategy_boundary": {
        "ko": "\n경계에 있어 먼저 볼 고객: {boundary_customers}.",
        "en": "\nOn the boundary, so worth a first look: {boundary_customers}.",
    },
    "message_head": {
        "ko": "{who}에게 보낼 초안입니다. 보내지는 않습니다.\n",
        "en": "A draft to {who}. Nothing is sent.\n",
    },
    "message_draft": {"ko": "\n{draft}\n", "en": "\n{draft}\n"},
    "message_finding": {"ko": "\n- 확인: {finding} ({article})", "en": "\n- Check: {finding} ({article})"},
    "message_audience": {
        "ko": "\n보낼 수 있는 고객은 {eligible}입니다. 동의 없음 {no_consent}, 비교를 위해 뺀 고객 {held_out}.",
        "en": "\nMay be written to: {eligible}. Without consent: {no_consent}; held out for comparison: {held_out}.",
    },
    "message_unknown": {
        "ko": "\n수신 동의를 알 수 없어 {unknown} 모두 보낼 수 없습니다. triggers.consent를 설정하세요.",
        "en": "\nConsent is not known, so none of {unknown} may be written to; set triggers.consent.",
    },
    "body_by_rule": {
        "ko": "첫 구매에 감사드립니다. 함께 쓰기 좋은 상품을 모아 두었으니 편하실 때 둘러봐 주세요.",
        "en": "Thank you for your first purchase. We have put together what goes well with it; come and have a look.",
    },
    "body_low": {
        "ko": "늘 찾아 주셔서 감사합니다. 지난번에 고르신 상품과 어울리는 새 상품이 들어왔습니다.",
        "en": "Thank you for shopping with us. New things have come in that go with what you chose last time.",
    },
    "body_middle": {
        "ko": "꾸준히 찾아 주셔서 감사합니다. 자주 고르시는 상품의 새 소식을 먼저 전해 드립니다.",
        "en": "Thank you for coming back again and again. Here is news of the things you like to choose.",
    },
    "body_top": {
        "ko": "오랜 단골로 함께해 주셔서 진심으로 감사합니다. 새 상품을 누구보다 먼저 보여 드리고 싶습니다.",
        "en": "Thank you for being such a loyal customer. We would like to show you our new things before anyone else.",
    },
    "body_dormant": {
        "ko": "오랜만에 인사드립니다. 좋아하시던 상품이 새롭게 돌아왔으니 한번 들러 주세요.",
        "en": "It has been a while. What you used to like is back in new shapes; do drop by.",
    },
}

OTHERS: Mapping[str, Text] = {
    "next_line": {"ko": "\n", "en": "\n"},
    "not_of_period": {
        "ko": "\n말씀하신 기간({period})만이 아니라 집계 기간 전체에 대한 답입니다.",
        "en": "\nThis is over the whole window, not over the period that you named alone ({period}).",
    },
    "unheld_measure": {
        "ko": "그 값은 표에 없습니다. 고객의 구매 금액, 구매와 주문 횟수, 반품, 마지막 구매 후 경과일, 등급, 산 상품은 "
        "알지만, 상품 개수나 마진, 할인, 방문, 재구매율, 구매 주기, 월평균은 알지 못합니다.",
        "en": "The tables do not hold that. I know what customers spent, how often they bought, what they gave back, "
        "the days since they last bought, their grades and products; not numbers of items, margins, discounts, visits, "
        "repeat rates, days between orders or means by the month.",
    },
    "unheld_less": {
        "ko": "더 구매하면 어떻게 되는지만 계산할 수 있습니다. 구매가 없거나 반품하면 어떻게 되는지는 계산하지 "
        "않습니다.",
        "en": "I can work out what more orders would bring, not what would come of none, or of returns.",
    },
    "help_grades": {
        "ko": "등급은 최근성(마지막 구매 후 경과일), 빈도(구매 횟수), 금액을 함께 보고 매깁니다. 집계 기간에 한 번만 "
        "구매한 고객은 규칙에 따라 {grade} 등급이고, 나머지는 통계 모델(가우시안 혼합)이 가장 가능성이 높다고 보는 "
        "등급입니다. 그래서 정해진 기준 금액은 없고, 등급마다 얼마나 확실한지가 함께 나옵니다.\n",
        "en": "A grade comes from recency (days since the last purchase), frequency (purchases) and money, weighed "
        "together. Who bought once in the window is {grade} by rule; all others get the grade that a statistical model "
        "(a Gaussian mixture) finds likeliest. So there is no fixed amount to reach, and each grade comes with how "
        "sure it is.\n",
    },
    "as_of": {"ko": "({as_of} 기준)", "en": "(As of {as_of}.)"},
    "health": {
        "ko": "고객 {customers}의 자료이고, 고객 표의 마지막 반영은 {committed}입니다. 가장 새로운 행의 기준 시각은 "
        "{newest}입니다.",
        "en": "There are {customers}; the customer tables were last committed {committed}, and the newest row is true "
        "for {newest}.",
    },
    "health_running": {"ko": "스트림이 돌고 있습니다.", "en": "The stream is running."},
    "health_stopped": {
        "ko": "스트림이 돌고 있지 않습니다. dangol stream으로 시작하세요.",
        "en": "The stream is not running; start it with dangol stream.",
    },
    "health_messages": {
        "ko": "받은 메시지 {received} 가운데 {rejected|이/가} 거절되었습니다.",
        "en": "Of {received} received, {rejected} were rejected.",
    },
    "health_model": {"ko": "등급 모델은 버전 {model}입니다.", "en": "Grades are given by model version {model}."},
    "health_no_model": {
        "ko": "등급 모델이 아직 없습니다. dangol train과 dangol promote로 만드세요.",
        "en": "There is no grade model yet; make one with dangol train and dangol promote.",
    },
    "health_summaries": {
        "ko": "요약 표의 마지막 반영은 {summaries_committed}입니다.",
        "en": "The summaries were last committed {summaries_committed}.",
    },
    "health_warning": {"ko": "\n- 주의: {warning}", "en": "\n- Warning: {warning}"},
    "not_found": {
        "ko": "고객 {customer_id|을/를} 찾을 수 없습니다. 고객 번호를 다시 확인해 주세요. "
        "비슷한 번호로 대신 답하지 않습니다.",
        "en": "There is no customer {customer_id}. Please check the id; a similar one is never used instead.",
    },
    "help": {
        "ko": "고객 한 명(요약, 등급, 이유, 무엇이 필요한지, 비슷한 고객)이나 등급과 기간(특징, 비교, 이동, 수, "
        "합계, 평균, "
        "비율, 순위, 추이, 전략, 메시지 초안)을 물어보세요. 예: {examples}",
        "en": "Ask about one customer (summary, grade, why, what it would take, who is similar), or about grades and "
        "periods (what they are like, comparisons, movements, counts, totals, means, shares, rankings, trends, "
        "strategies, drafts of messages). For example: {examples}",
    },
    "out_of_scope": {
        "ko": "그 질문에는 답할 수 없습니다. 고객의 구매와 등급만 답하며, 개인 정보를 알려 주거나 자료를 바꾸거나 "
        "앞일을 "
        "예측하지 않습니다. 예: {examples}",
        "en": "I cannot answer that. I answer only about customers' purchases and grades; I tell no personal data, "
        "change nothing and predict nothing. For example: {examples}",
    },
    "clarify_customer": {
        "ko": "어느 고객이 궁금하신가요? 고객 번호를 함께 적어 주세요. 예: {examples}",
        "en": "Which customer do you mean? Please add the customer id. For example: {examples}",
    },
    "clarify_customers": {
        "ko": "무엇과 무엇을 비교할까요? 두 고객, 두 등급이나 두 기간을 적어 주세요. 예: {examples}",
        "en": "What shall be compared? Please name two customers, two grades or two periods. For example: {examples}",
    },
    "clarify_grade": {
        "ko": "어느 등급인가요? 등급을 함께 적어 주세요. 예: {examples}",
        "en": "Which grade do you mean? Please name it. For example: {examples}",
    },
    "clarify_description": {
        "ko": "어떤 상품을 사는 고객을 찾을까요? 예: {examples}",
        "en": "Customers who buy what? Please describe the products. For example: {examples}",
    },
    "clarify_aspect": {
        "ko": "고객 {customer_id}의 무엇이 궁금하신지 이해하지 못했습니다. 요약, 등급, 이유 등을 물어보세요. 예: "
        "{examples}",
        "en": "I did not understand what you want to know about customer {customer_id}. Ask for a summary, the grade, "
        "why, and so on. For example: {examples}",
    },
    "clarify_anything": {
        "ko": "질문을 이해하지 못했습니다. 이렇게 물어보세요. 예: {examples}",
        "en": "I did not understand the question. You can ask, for example: {examples}",
    },
    "no_rights": {
        "ko": "고객 한 명이나 작은 집단에 대한 것은 볼 권한이 없습니다. 등급이나 달과 같은 정해진 묶음으로 물어보거나, "
        "분석가에게 요청하세요.",
        "en": "You have no right to see single customers or small groups. Ask by fixed groups such as grades or "
        "months, "
        "or ask an analyst.",
    },
    "small_group": {
        "ko": "해당하는 고객이 {smallest}명 미만이라 보여 드리지 않습니다.",
        "en": "There are fewer than {smallest} such customers, so nothing is shown of them.",
    },
    "no_data": {
        "ko": "답하는 데 필요한 표가 아직 없습니다({table}). 스트림과 dangol changes, dangol summarize를 켜 두면 "
        "생깁니다.",
        "en": "A table that the answer needs is not there yet ({table}). It appears with the stream, dangol changes "
        "and "
        "dangol summarize running.",
    },
    "no_champion": {
        "ko": "등급 모델이 아직 없어 답할 수 없습니다. dangol train과 dangol promote로 만드세요.",
        "en": "There is no grade model yet, so there is no answer; make one with dangol train and dangol promote.",
    },
    "unavailable": {
        "ko": "지금은 고객 표를 읽을 수 없어 답하지 못합니다. 스트림이 한 번이라도 실행되었는지 확인해 주세요.",
        "en": "The customer tables cannot be read now, so there is no answer. "
        "Please check that the stream has run at least once.",
    },
    "failed": {
        "ko": "답을 만드는 조회가 실패했습니다. 잠시 뒤에 다시 물어보고, 되풀이되면 dangol status를 확인해 주세요.",
        "en": "A query for the answer failed. Please ask again in a while; if it goes on, check dangol status.",
    },
    "error": {
        "ko": "답의 숫자를 모두 확인하지 못해 답을 보여 드리지 않습니다.",
        "en": "Not every number of the answer could be proved, so it is not shown.",
    },
    "model_unavailable": {
        "ko": "(언어 모델이 답하지 않아 정해진 문장으로 답했습니다.)",
        "en": "(The language model did not answer, so this is in set sentences.)",
    },
}

TEMPLATES: Mapping[str, Text] = {**CUSTOMERS, **GROUPS, **TIME, **ADVICE, **OTHERS}

ORDERS: Mapping[tuple[str, bool], Text] = {
    ("monetary", False): {"ko": "금액이 큰", "en": "the highest spending"},
    ("monetary", True): {"ko": "금액이 작은", "en": "the lowest spending"},
    ("frequency", False): {"ko": "구매가 잦은", "en": "the most purchases"},
    ("frequency", True): {"ko": "구매가 드문", "en": "the fewest purchases"},
    ("recency", False): {"ko": "구매한 지 오래된", "en": "the longest time since a purchase"},
    ("recency", True): {"ko": "가장 최근에 구매한", "en": "the most recent purchases"},
    ("returned", False): {"ko": "반품이 많은", "en": "the highest returns"},
    ("returned", True): {"ko": "반품이 적은", "en": "the lowest returns"},
}
"""How a list is ordered, by (measure, lowest)."""

MEASURES: Mapping[str, Text] = {
    "customers": {"ko": "구매한 고객 수", "en": "Customers who bought"},
    "graded": {"ko": "고객 수", "en": "Customers"},
    "orders": {"ko": "주문 수", "en": "Orders"},
    "monetary": {"ko": "매출(반품 제외)", "en": "Spending after returns"},
    "net": {"ko": "매출", "en": "Spending"},
    "monetary_mean": {"ko": "고객당 금액", "en": "Spending per customer"},
    "frequency": {"ko": "구매 횟수", "en": "Purchases"},
    "returned": {"ko": "반품 금액", "en": "Returns"},
    "order_value": {"ko": "주문당 금액(반품 전)", "en": "Worth of an order, before returns"},
}

VALUES: Mapping[str, Text] = {
    "recency": {"ko": "최근성", "en": "recency"},
    "frequency": {"ko": "빈도", "en": "frequency"},
    "monetary": {"ko": "금액", "en": "money"},
}

FACTS: Mapping[str, Text] = {
    "grade": {"ko": "등급", "en": "Grade"},
    "grade_rank": {"ko": "등급 순위", "en": "Rank of the grade"},
    "p_grade": {"ko": "이 등급의 소속 확률", "en": "Membership probability"},
    "p_max": {"ko": "가장 높은 소속 확률", "en": "Greatest membership probability"},
    "recency_days": {"ko": "마지막 구매 후 경과일", "en": "Days since the last purchase"},
    "frequency": {"ko": "구매 횟수", "en": "Purchases"},
    "monetary": {"ko": "구매 금액(반품 제외)", "en": "Spending after returns"},
    "monetary_gross": {"ko": "구매 금액(반품 전)", "en": "Spending before returns"},
    "last_purchase_date": {"ko": "마지막 구매일", "en": "Last purchase"},
    "state": {"ko": "활동 상태", "en": "Activity"},
    "model_version": {"ko": "모델 버전", "en": "Model version"},
    "customers": {"ko": "고객 수", "en": "Customers"},
    "all_customers": {"ko": "전체 고객 수", "en": "All customers"},
    "customer_share": {"ko": "고객 비율", "en": "Share of graded customers"},
    "recency_median": {"ko": "경과일, 중앙값", "en": "Days since purchase, median"},
    "recency_mean": {"ko": "경과일, 평균", "en": "Days since purchase, mean"},
    "frequency_median": {"ko": "구매 횟수, 중앙값", "en": "Purchases, median"},
    "frequency_mean": {"ko": "구매 횟수, 평균", "en": "Purchases, mean"},
    "monetary_median": {"ko": "구매 금액, 중앙값", "en": "Spending, median"},
    "monetary_mean": {"ko": "구매 금액, 평균", "en": "Spending, mean"},
    "monetary_total": {"ko": "구매 금액, 합계", "en": "Spending, total"},
    "monetary_share": {"ko": "구매 금액 비율", "en": "Share of spending"},
    "boundary_customers": {"ko": "경계 고객", "en": "Boundary customers"},
    "all_monetary": {"ko": "전체 구매 금액", "en": "All spending"},
    "share": {"ko": "비율", "en": "Share"},
    "returning_customers": {"ko": "반품한 고객", "en": "Customers who gave back"},
    "orders": {"ko": "주문 수", "en": "Orders"},
    "all_orders": {"ko": "전체 주문 수", "en": "All orders"},
    "orders_mean": {"ko": "주문 수, 평균", "en": "Orders, mean"},
    "net": {"ko": "매출(반품 제외)", "en": "Spending after returns"},
    "gross": {"ko": "구매", "en": "Purchases before returns"},
    "returned": {"ko": "반품", "en": "Returns"},
    "all_net": {"ko": "전체 매출", "en": "All spending"},
    "net_mean": {"ko": "매출, 평균", "en": "Spending, mean"},
    "order_value": {"ko": "주문당 금액", "en": "Worth of an order"},
    "returned_mean": {"ko": "반품, 평균", "en": "Returns, mean"},
    "returns_share": {"ko": "반품 비율", "en": "Share given back"},
    "top_products": {"ko": "상품", "en": "Products"},
    "matched": {"ko": "찾은 말", "en": "Words found"},
    "old_grade": {"ko": "전 등급", "en": "Grade before"},
    "new_grade": {"ko": "새 등급", "en": "Grade after"},
    "cause": {"ko": "이유", "en": "Cause"},
    "changed_at": {"ko": "바뀐 날", "en": "Changed on"},
    "day": {"ko": "날", "en": "Day"},
    "old_frequency": {"ko": "전 구매 횟수", "en": "Purchases before"},
    "new_frequency": {"ko": "새 구매 횟수", "en": "Purchases after"},
    "old_monetary": {"ko": "전 구매 금액", "en": "Spending before"},
    "new_monetary": {"ko": "새 구매 금액", "en": "Spending after"},
    "old_recency_days": {"ko": "전 경과일", "en": "Days before"},
    "new_recency_days": {"ko": "새 경과일", "en": "Days after"},
    "fell_from": {"ko": "더 높던 등급", "en": "Higher grade before"},
    "wanted": {"ko": "바라는 등급", "en": "Wanted grade"},
    "amount": {"ko": "금액", "en": "Amount"},
    "usual_amount": {"ko": "평소 주문 금액", "en": "Usual worth of an order"},
    "grade_after": {"ko": "그러면 등급", "en": "Grade then"},
    "last_day": {"ko": "마감된 마지막 날", "en": "Last closed day"},
    "recorded_from": {"ko": "기록의 시작", "en": "Recorded from"},
    "eligible": {"ko": "보낼 수 있는 고객", "en": "May be written to"},
    "no_consent": {"ko": "동의 없음", "en": "Without consent"},
    "held_out": {"ko": "비교를 위해 뺀 고객", "en": "Held out"},
    "unknown": {"ko": "동의를 모르는 고객", "en": "Consent unknown"},
    "committed": {"ko": "반영 시각", "en": "Committed"},
    "newest": {"ko": "기준 시각", "en": "True for"},
    "received": {"ko": "받은 메시지", "en": "Messages received"},
    "rejected": {"ko": "거절된 메시지", "en": "Messages rejected"},
    "model": {"ko": "모델 버전", "en": "Model version"},
    "summaries_committed": {"ko": "요약 반영 시각", "en": "Summaries committed"},
}
"""What each fact is called."""
