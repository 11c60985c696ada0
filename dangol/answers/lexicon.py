"""The words by which a question tells what it asks for, in Korean and English."""

import re


def words(korean: str, english: str) -> re.Pattern[str]:
    """Korean stands anywhere, for its words carry endings; English stands as whole words."""
    return re.compile(rf"{korean}|\b(?:{english})\b" if korean else rf"\b(?:{english})\b", re.IGNORECASE)


PEOPLE_KO = r"고객|사람|손님|누구|누가|분들|명|회원|인원"
PEOPLE_EN = "who|customers?|people|anyone|everyone"
PEOPLE = words(PEOPLE_KO, PEOPLE_EN)
WHO = words(PEOPLE_KO, f"{PEOPLE_EN}|how many|list")
STEPS = words(r"추이|추세|흐름|월별|주별|일별", "trend|over time|monthly|weekly|daily")
GRADE_MOVES = words(r"강등|승급|승격|하향|상향", r"downgrad\w+|upgrad\w+|promotions?|promoted|demot\w+")
HELP = words(
    r"도움말|메뉴\s*(?:알려|보여|좀)|사용\s*(?:법|방법)|헬프|(?:뭘|뭐를?|무엇을|어떤\s*(?:걸|것을?|질문|기능)"
    r"|무슨\s*질문).{0,8}(?:물어|질문|할\s*수|쓸\s*수|가능|되)"
    r"|어떻게\s*(?:쓰|사용|이용|물어|질문)|(?:질문|사용)\s*(?:예시|예제|샘플)|예시\s*질문|^안녕"
    r"|할\s*수\s*있는\s*(?:게|것|일|질문)"
    r"|기능\s*(?:이|을|은|좀)?\s*(?:뭐|알려|설명|안내|소개)|처음\s*(?:인데|써|이라|왔|이에요|사용)"
    r"|뭐\s*할\s*(?:수|줄)|무슨\s*일을?\s*(?:해|할)"
    r"|매뉴얼|가이드|(?:어떤\s*식으로|어떻게)\s*(?:작동|동작|쓸|적|입력|말)|질문(?:은|을)?\s*어떻게",
    r"hlep|help(?!\s+(?:\w+\s+){0,3}(?:message|e-?mail|strategy))|what can (?:i|you|this|we)\b.*|what (?:are|is"
    r"|were) (?:you|this|it) (?:able|capable|for)"
    r"|what (?:sort|kinds?|types?) of (?:questions|things)|what questions|example questions"
    r"|sample questions|(?:questions?|things) (?:can|could|may) i"
    r"|how (?:does|do) (?:this|it|you|i use|i ask|i start)\b.*|how (?:to|do i) use|where do i (?:start"
    r"|begin)|get(?:ting)? started|how should i (?:ask|phrase|use)"
    r"|what do you (?:do|know|understand)|what does this (?:do|tool|app|page)|instructions|manual|tutorial"
    r"|user guide|hi|hello|hey there|your (?:features|capabilities)"
    r"|explain how (?:to|this|you)|show me (?:some )?examples?|give me (?:some )?examples? of",
)
SMALL_TALK = re.compile(r"^(?:hi|hello|안녕)", re.IGNORECASE)

HOW_GRADED = words(
    r"등급(?:은|이|을|의|들은)?\s*(?:산정\s*)?(?:어떻게|어떤\s*식으로|뭘로|무엇으로|뭘\s*보고|어떤\s*기준|기준)\S*\s*(?:정|매|나누|나뉘|결정|산정|계산|되|뭐|무엇|인|이)"
    r"|(?:브론즈|실버|골드|VIP)\s*(?:등급)?\s*(?:의\s*)?(?:기준|조건)(?:은|이|을)?\s*(?:뭐|무엇|어떻게|알려|설명)",
    r"how (?:are|is|do you|does one|do we|did you) (?:\w+ ){0,4}(?:grades?|tiers?|levels?) (?:\w+ )?"
    r"(?:decided|determined|set|computed|calculated|assigned|defined|worked out|made)"
    r"|(?:grades?|tiers?) (?:are|is|get) (?:\w+ )?(?:decided|determined|computed|calculated|assigned|worked out)"
    r"|what (?:makes|decides|determines) (?:a |the |someone(?:'s)? )?(?:grade|tier)",
)
"""How grades are given at all."""
HEALTH = words(
    r"데이터\s*(?:가|는|은|를|에|의)?\s*(?:최신|신선|언제|상태|이상|문제|점검|품질|반영|갱신|업데이트|지연"
    r"|정상|밀|늦|누락|들어|까지|잘)|최신\s*(?:데이터|상태|이야|인가|인지|맞)"
    r"|스트림|스트리밍|파이프라인|지연\s*(?:시간|이|은|얼|되|돼|있)|얼마나\s*(?:지연|밀|늦)|거(?:부"
    r"|절)된?\s*(?:메시지|메세지|주문|건|데이터|이벤트)?|반려|랙|lag"
    r"|모델\s*버전|(?:어떤|무슨|어느)\s*모델|모델\s*(?:이|은|는)?\s*(?:뭐|몇|무엇)|언제\s*(?:까지|기준)"
    r"|기준\s*시각|마지막\s*(?:으로)?\s*(?:반영"
    r"|갱신|업데이트|수집|적재|커밋|처리)"
    r"|실시간\s*(?:으로)?\s*(?:반영|이야|맞|인가|데이터|처리)|업데이트\s*(?:됐|되|언제|시각|시간)|(?:주문"
    r"|메시지|데이터)\s*(?:가"
    r"|이)?\s*(?:잘\s*)?(?:들어오|수집)|시스템\s*(?:상태|정상)|색인|인덱스|오류\s*(?:없|있|건)"
    r"|배치\s*(?:처리)?\s*(?:상태|시간|잘)"
    r"|수집\s*(?:상태|잘|되)|동기화|헬스\s*체크|몇\s*분\s*전\s*데이터",
    r"data (?:fresh\w*|quality|health|status|up|current|lag|delay|issues?|problems?|stale|ok|okay|complete"
    r"|recent|pipeline|feed|late|latency|arriv\w+)|(?:is|are|how) (?:the |our |your |my |this "
    r"|these )?(?:\w+ )?(?:data|numbers|figures|tables|grades) (?:\w+ )?"
    r"(?:fresh|up[\s-]to[\s-]date|current|stale|recent|live|old|ok|healthy|real[\s-]?time|late|delayed"
    r"|complete|right now|reliable|updated)|up[\s-]to[\s-]date|stream(?:ing)?|pipeline|ingest\w*"
    r"|lag(?:ging)?|latency|delay(?:ed|s)?"
    r"|reject(?:ed|ions?)|malformed|refused messages?|which (?:version of the )?model|what model"
    r"|model version|version of the model|freshness|fresh|stale|out of date|outdated|last (?:updated?"
    r"|refresh\w*|commit\w*|order (?:processed|seen|ingested|came|arriv\w+|received|recorded))"
    r"|latest (?:order|data|commit|update) (?:\w+ )?(?:processed|seen|arriv\w+|received|came|in)|(?:when"
    r"|how long ago) (?:was|were|did) (?:the |this |these |our )?(?:\w+ )?(?:data|tables?|numbers|last"
    r"|latest|most recent|grades|page)|(?:how )?(?:old|recent) (?:is|are) (?:the|this|these|our) (?:data"
    r"|numbers|figures|tables?)"
    r"|data as of|system (?:status|health|ok)|health ?check|backlog|bad (?:messages?|events?|records?)"
    r"|invalid (?:messages?|events?|records?|orders)|dead letters?|data problems?|real[\s-]time|in sync"
    r"|index (?:fresh|status|up)|still (?:running|flowing|coming in|arriving)",
)

PERSONAL = words(
    r"전화\s*번호|저나\s*번호|폰\s*번호|연락처|휴대폰|핸드폰|이메일\s*주소|메일\s*주소|배송지"
    r"|(?<!메일\s)(?<!메일)(?<![가-힣])(?:집\s*)?주소"
    r"|(?:고객|손님|분|님|회원)(?:들)?(?:의)?\s*(?:이름|성함|성명|실명)|(?<![가-힣])(?:성함|실명)"
    r"|이름(?:이|은|을)?\s*(?:뭐|뭔|알려|무엇)"
    r"|생년월일|주민(?:등록)?\s*번호"
    r"|생일이\s*언제|카드\s*(?:번호|정보)|계좌|비밀\s*번호|나이가?\s*(?:몇|어떻)|개인\s*정보|카톡\s*아이디"
    r"|(?:이메일|메일)(?:이|은|을)?\s*(?:뭐|알려"
    r"|무엇|좀\s*알|쫙|전부)"
    r"|(?:시스템|너의|네|너)\s*(?:프롬프트|지시)|지시문|(?:지침|지시)(?:을|를)?\s*(?:모두\s*)?(?:무시|보여"
    r"|공개)|무시하고",
    r"(?:phone|telephone|mobile|cell|contact|fax) ?(?:no\.?|numbers?|details|info\w*)|phoe?n(?:e)? ?num\w+"
    r"|(?:home |postal |e-?mail |street |billing |mailing |shipping |delivery )?"
    r"add?ress(?:es)?|(?:e-?mail )addy|where (?:does|do) .* live|real names?|full names?|surnames?"
    r"|(?:customers?'?s?|\d+'?s) names?"
    r"|names? (?:of|behind) (?:the )?(?:customers?|\d+)|birth ?da(?:y|te) of|date of birth|born"
    r"|credit cards?|card (?:numbers?|details)|passwords?"
    r"|personal (?:data|details|info\w*)|how old (?:is|are) (?:\d+|customer|he|she|they|you)|(?:what(?:'s"
    r"| is)|give me|show|need|have|get|export|list) (?:me )?(?:all |the )?"
    r"(?:\w+ )?e-?mails? (?:of|for)|(?:her|his|their) e-?mails?|e-?mail of|\d+'s e-?mail|system prompt"
    r"|your (?:prompt|instructions|rules)|(?:ignore|disregard) (?:all|your|previous|prior|the|any)"
    r"|jailbreak|prompt (?:says?|verbatim|text)",
)
CHANGES = words(
    r"(?:데이터|고객|계정|기록|주문|정보|그거|얘|\d)\S{0,12}\s*(?:\S{1,12}\s*)?(?:삭[제재]|지워)|삭[제재]\s*(?:해"
    r"|처리|부탁|바랍)|지워\s*(?:줘|주)"
    r"|(?:등급|데이터|금액|정보|기준)(?:을|를|은)?\s*(?:\S{1,12}\s*)?(?:바꿔|변경해|수정해|수정하고"
    r"|올려\s*(?:줘|주|놔)|내려\s*(?:줘|주|놔)|조작|고쳐)"
    r"|(?:상향|하향)\s*조정"
    r"|(?:VIP|골드|실버|브론즈)\s*(?:로|으로)\s*(?:수동\s*(?:으로\s*)?|직접\s*)?(?:바꿔\s*(?:줘|주)|변경해"
    r"|변경\s*처리|수정해|설정해"
    r"|승급\s*시켜|(?:올려|내려)\s*(?:줘|주|놔|라)|지정해|강등\s*시켜|업데이트해)|강제로|정지\s*시켜"
    r"|탈퇴\s*(?:처리|시켜)"
    r"|(?:쿠폰|포인트|적립금|할인권)\S{0,12}\s*(?:\S{1,12}\s*){0,2}(?:발급|지급|적립|넣어|발송)\s*(?:해|처리|하여)"
    r"|(?:바로|당장|직접)\s*(?:발송|보내)"
    r"|(?:주문)\S{0,12}\s*(?:\S{1,12}\s*)?취소(?!\s*(?:하면|되면|된다면|한다면|했다면|된\s*것으로))|환불\s*처리"
    r"|재시작\s*(?:해|시켜|부탁)|다시\s*학습|추가해\s*줘|등록해|\bDROP\s+TABLE|\bDELETE\s+FROM"
    r"|\bUPDATE\s+\S{1,20}\s+SET",
    r"de?le?te|erase|wipe|purge|drop table|(?:set|cha?nge|update|edit|modify|upgrade|downgrade|promote"
    r"|demote|bump|switch|raise|override|force|turn|make|move|(?<!factors )(?<!which )put) (?:the )?"
    r"(?:grade|customer|order|data)?\s*(?:of )?(?:customer )?#?(?:\d{3,}|them|him"
    r"|her)(?:'s)?.{0,24}\b(?:to|as|into|back|vips?|gold|silver|bronze)(?! (?:next|beside"
    r"|against))\b(?! (?:have|has|each|next))(?!.{0,40}(?:\?$|next to|beside))"
    r"|(?:set|override|change) .{0,30}(?:grade|tier) (?:to|by hand|manually)|overwrite|manually"
    r"|refund (?:order|customer \d+'s order|order of)|cancel (?:order|the (?:open )?order|their|this order"
    r"|\d+'s order)"
    r"|(?:issue|credit|send) (?:a |the |an )?(?:\w+ ){0,2}(?:coupon|voucher|points)|(?:block|suspend"
    r"|bin) .{0,20}(?:account|record)|send the (?:coupon|text|message|e-?mail) to .* (?:now|right now"
    r"|yourself)"
    r"|(?<!need to )(?<!not )(?:restart|retrain)(?! it,)|insert into|remove customer .* from|by hand|edit the details",
)
PREDICTIONS = words(
    r"예측|예상(?!\s*등급)|전망|(?<![가-힣])(?:내일|모레|다음\s*(?:주|달|분기|해)|내년|향후"
    r"|담달).{0,14}(?:매출|주문|살|구매|될|얼마|올까|떨어|몇|늘)"
    r"|(?:이탈|떠날|재구매할|다시\s*(?:살|올)|구매할)\s*(?:확률|학률|가능성|위험|것\s*같)|이탈할\s*(?:확률"
    r"|가능성|것)|(?:안에\s*)?(?:살|올)\s*(?:확률|가능성)",
    r"predict\w*|forecast\w*|(?:will|do you expect) .*\b(?:next (?:week|month|year|quarter|season)|again"
    r"|tomorrow|leave|churn)\b.*"
    r"|(?:how (?:much|many)|what) will .*\b(?:next|be|sell)\b.*|going to (?:leave|churn|buy)\b.*"
    r"|churn (?:probability|risk|odds|likelihood|rate)|churn of \d+"
    r"|(?:probability|probable|chances?|likelihood|odds|likely) (?:is it )?(?:of|that|to) .*(?:leav|churn"
    r"|buy|return|order|come|quit|purchas)\w*.*|is \d+ coming back",
)
SUPPOSED = words(
    r"[가-힣](?:하|다|사|쓰|치|이라|라|으)면|경우|만약|만일|가정|상정|추가\s*구매|되려면",
    r"if|suppose|supposing|imagine|assum\w+|pretend\w*|in case|in the event|what would|adds?|adding"
    r"|hypothetical\w*|say|tier becomes",
)
"""Then what would come of it is asked for, not a prediction."""
OFF_TOPIC = words(
    r"날씨|기온|미세먼지|주가|주식|비트코인|코인|환율|뉴스|정치|대통령|선거|투표|축구|야구|월드컵"
    r"|(?<!콘)시\s*(?:한\s*편|를?\s*써|하나)|소설|노래|영화|드라마|맛집"
    r"|점심|저녁\s*(?:메뉴|뭐)|레시피|요리|농담|운세|로또|번역|파이썬|자바|코드|코딩|알고리즘|수학|미적분"
    r"|경쟁(?:사|업체|사의)|아마존|쿠팡|네이버\s*(?:쇼핑|매출)"
    r"|여행|비행기|호텔|의사|병원|두통|다이어트|연봉|채용|인공지능\s*(?:이|은)|너\s*(?:는|몇)\s*(?:누구"
    r"|살)|\d\s*(?:곱하기|더하기|빼기|나누기)\s*\d|게임"
    r"|퀴즈|수도(?:는|가)|역사|철학|스포츠|강아지|고양이|몇\s*시야|지금\s*몇\s*시|직원|급여|재고|배송|택배|세금|임대료",
    r"weather|\d+ (?:times|plus|minus|divided by) \d+|temperature|rain(?:ing)?|umbrella today"
    r"|stock (?:price|market)|share price|bitcoin|crypto\w*|exchange rate|news|politic\w*|president"
    r"|elections?|vote|football|soccer|world cup|poem|haiku|novel|story|song|lyrics|movies?|films?"
    r"|restaurants?|lunch(?! ?box\w*)(?! bags?)|dinner|recipes?|cook|joke|horoscope|lottery|translate"
    r"|python|java(?:script)?|code|coding|algorithm|sql|program|math|integral|square root"
    r"|competitors?(?:'s)?|amazon|ebay|tesco|travel|flights?|hotel|doctor|headache|diet|salary|salaries"
    r"|hire|hiring|capital of|history of (?!orders|purchases)|philosophy|sports?|dog|cat|employees?|staff"
    r"|payroll|inventory|in stock|stock level|delivery|shipping|tax(?:es)?|rent|who won|meaning of life"
    r"|homework|essay|cv|resume|what time is it|favou?rite",
)

MESSAGE = words(
    r"메\s*[시세]\s*지(?!.{0,6}(?:거부|거절|반려|지연))|문구|문자(?!열)|알림\s*톡|친구\s*톡|톡\s*(?:하나"
    r"|좀|보|써|초안)|카톡"
    r"|카카오\s*톡|이메일|메일|푸시|편지|카피|초안|안내문"
    r"|감사\s*인사|(?:쿠폰|할인|감사|생일)\s*(?:안내|인사)\s*(?:써|작성|보내)|홍보\s*글|(?:에게|한테"
    r"|께)\s*보낼|보낼\s*(?:것|글|거|만한)|써\s*줘"
    r"|작성해|인사말|뉴스레터",
    r"messages?|e-?mails?|mail|texts?|sms|newsletter|push notifications?|notification"
    r"|promo(?:tional)? copy|copy for|copy|letter|to send|write something|note to|a note|draft\w*|word a"
    r"|wording|write (?:to|something (?:to|for))|thank[\s-]?you (?:note|card)|slogan|caption|blurb|dm"
    r"|whatsapp|kakao\w*",
)
REJECTED = words(r"거(?:부|절)|반려", r"reject\w*|malformed|dead letters?|refused|invalid|incoming|bad messages?")
STRATEGY = words(
    r"전략|방안|어떤\s*(?:식으로\s*(?:접근|대|관리)|마케팅)|대책|어떻게\s*(?:관리|대응|대해야|대하|유지"
    r"|공략|키워|잡|챙|다뤄|다루|접근|하면\s*좋|해야"
    r"|활성화|붙잡|늘리)|(?:관리|대응|마케팅|공략|유지|육성"
    r"|활성화)\s*(?:법|방법|방안|전략|팁|플랜|계획|포인트|아이디어)|뭘\s*(?:해\s*(?:줘야|주면|야)"
    r"|하면\s*좋)|무엇을\s*(?:해야|하면)|캠페인"
    r"|어떤\s*(?:혜택|프로모션|액션|조치|마케팅|이벤트).{0,8}(?:좋|해야|주|필요|효과)|플랜"
    r"|액션\s*(?:아이템|플랜)?|운영\s*(?:계획|방향)|추천\s*(?:액션"
    r"|활동)|조언",
    r"strateg\w+|how (?:should|do|can|could|might|would|shall|best) (?:i |we |you |one |our |to )*(?:treat"
    r"|keep|retain|handle|manage|grow|nurture|approach|reward|target|win|engage|market|deal|look after"
    r"|take care|serve|turn|convert|reactivate|activate|encourage|get|bring|move|develop|motivate|nudge"
    r"|work with|speak to|talk to|make)\b.*"
    r"|what (?:should|can|could|shall|would|might|to|do) (?:i|we|you|do)?\s*(?:do|offer|try|give|recommend"
    r"|suggest|advise)\b.*|(?:best|right|good|smart) (?:way|approach|action|actions|thing|things|tactic"
    r"|tactics|move|plan|campaign|next step)\w*|tactics?|recommend\w* (?:doing|for|action|actions|campaign"
    r"|plan|something)|what actions|action plan|next steps|(?:game ?|marketing |retention |growth "
    r"|loyalty |campaign )plans?|plans? for|(?:marketing|campaign|retention|promotion|loyalty) ideas?"
    r"|ideas? (?:for|to)|advice|advise|budget|invest\w*|campaigns?|playbook|approach (?:for|to)|(?:worth"
    r"|should be) (?:doing|offering)|suggest\w* (?:for|how|something|some|a|what|an|actions?|ideas?)|tips",
)
WHAT_IF = words(
    r"되려면|필요(?:한|해|하)|가려면|오르려면|올라가려면|올리려면|되기까지|되기\s*위|되게\s*하려면"
    r"|이\s*되려|만들려면|까지\s*(?:얼마|몇|뭐가|무엇이|어느|남|필요)"
    r"|얼마(?:나)?\s*(?:더|남)|(?:뭐가|무엇이|얼마가|몇\s*번)\s*(?:더\s*)?(?:필요|모자|부족)|더\s*(?:사|쓰"
    r"|구매|주문|결제).{0,4}면|(?:주문"
    r"|구매|결제|사용|지출|구입)(?:을)?\s*(?:더\s*)?(?:한다면|하면|했다면)|(?:사|쓰|산다|쓴다|샀다|썼다)면"
    r"|만약|가정|시뮬|(?:에|로|으로)\s*(?:도달|진입"
    r"|승급|올라가|올라)\w*\s*(?:하려면|려면|조건|하는\s*데|까지|기\s*위)|조건(?:이|은|을)?|부족한|모자란"
    r"|모자라|한다면",
    r"what (?:would|does|will|do) (?:it|\w+|customer \w+) (?:take|need|require|have to)\b.*|what(?:'s"
    r"| is) (?:needed|missing|required|still)\b.*|what must\b.*|(?:would|could) .*\b(?:lift|push|bump"
    r"|bring|move|get|land|raise)\b.*|where does the grade|say (?:customer )?#?\d{3,}\b.*|to (?:get|move"
    r"|go|make it) (?:up )?to\b.*|extra [£$€]?\d+\b.*|what if|if (?:customer )?#?\w+ (?:buys|bought"
    r"|orders?|ordered|spends?|spent|placed|places|made|makes|were to|came|purchased?|purchases|returned?"
    r"|adds?|added)\b.*|suppose|assum\w+|simulat\w+|hypothetical\w*|how (?:far (?:is|are|off|away|from)"
    r"|close|near|many more|much more|much extra|much further|much additional|short|much does"
    r"|many (?:purchases|orders) (?:does|would|until|till|more))\b.*|how (?:can|could|does|do|would"
    r"|might) (?:customer )?#?\d+ (?:get|become|reach|make|move|rise|climb|be)\b.*"
    r"|needs? (?:\w+ ){0,4}(?:to (?:become|reach|be|get|make|hit|move)|for|until|before)\b.*|(?:to"
    r"|in order to) (?:become|reach|get to|be|make it to|be promoted|qualify|hit) |(?:becom\w+"
    r"|reach\w*) (?:a )?(?:bronze|silver|gold|vip)|away from|missing (?:for|to)|spend to|more (?:orders?"
    r"|purchases?) (?:would|to|and)|another [£$€]?\d+|qualif\w+",
)
SIMILAR = words(
    r"비슷|유사|닮|같은\s*(?:고객|손님|사람|분|패턴|부류|유형|타입|성향)|처럼\s*(?:사|구매|행동|쇼핑|주문"
    r"|쓰|소비)|룩얼라이크|가까운\s*(?:고객|손님|사람)",
    r"similar\w*|lookalikes?|look-alikes?|alike|resembl\w+|like (?:customer )?#?\d{3,}|(?:else|others?"
    r"|more|people|customers) like (?:that|this|them|him|her|it)|(?:shops?|behaves?|buys?|acts?|spends?"
    r"|orders?) (?:the way|just |much |a lot |the same |most )?(?:like|as)|same (?:kind|type|sort|pattern"
    r"|profile|behaviou?r|habits|way)|the way (?:customer )?#?\d+|nearest|closest|comparable|twins?"
    r"|doppelg\w+|peers?|match(?:es|ing)? (?:customer )?#?\d+|in the same mou?ld|neighbou?rs?",
)
COMPARE = words(
    r"비교|견줘|차이|대비|나란히|누가\s*(?:더|나)|어느\s*(?:쪽|등급|고객|분)이?\s*(?:더|나)|뭐가\s*(?:달라|다르"
    r"|다른)|어떻게\s*(?:달라|다르|다른)|다른\s*점"
    r"|(?:보다|쪽이)\s*(?:더\s*)?(?:많|적|높|낮|늘|줄|나)|견주|둘\s*중",
    r"compar(?:e|es|ed|ing|isons?)|versus|vs|differ\w*|side[\s-]by[\s-]side|against|next to"
    r"|which (?:of (?:the two|them)|one|is|customer|grade|month|period|week|quarter|group"
    r"|tier) .*(?:better|more|higher|bigger|stronger|ahead|best)|better (?:customer|month|week|quarter"
    r"|than)|stack up|contrast|relative to|(?:more|less|higher|lower|better|worse|bigger) .*\bthan\b.*"
    r"|than|gap between|set .* beside",
)
MOVED_DOWN = words(
    r"떨어|하락|강등|내려\s*(?:가|간|온|갔|왔|앉)|밀려\s*(?:난|났)|추락|하향|다운그레이드|다운|미끄러",
    r"drop(?:ped|ping|s)?|fell|fall(?:en|ing|s)?|slip(?:ped|ping|s)?|downgrad\w+|demot\w+|relegat\w+"
    r"|moved? down|went down|going down|slid"
    r"|declin\w+|down from|down to|sank|down ?grades?|los(?:t|e|es|ing|ers?)",
)
LEFT = words(
    r"빠(?:진|져|졌|지)|이탈|탈락|잃|떠난|떠났|나간|나갔|벗어",
    r"left|leav\w+|leave|exit\w*|out of|drop-?outs?|no longer|lost|losses",
)
"""Gone from a grade, mostly down."""
MOVED_UP = words(
    r"올라(?:온|간|왔|갔|선|섰|가|올)|상승|승급|승격|오른|올랐|오르|진급|상향|업그레이드|승진|점프",
    r"rose|risen|bump(?:ed)? up|jump(?:ed|ing|s)?|up (?:to|from)|gone up|raised|moved? up|went up|climb\w*"
    r"|upgrad\w+|promot(?:ed|ions?)|rising|up ?grades?|step(?:ped)? up|advanc\w+|move up|gone up",
)
MOVED_IN = words(
    r"새로\s*(?:들어|된|올라|진입|편입|생긴|유입)|신규\s*(?:진입|편입|VIP|골드|실버|브론즈)|진입|편입"
    r"|들어온|들어왔|합류|유입|(?:이|가)\s*된\s*(?:고객|사람"
    r"|손님|분|사람들)|(?:된|됐던|되었던)\s*(?:고객|사람|손님|분|인원)|되었|됐|VIP된|골드된|실버된|달성",
    r"join\w*|enter\w*|became|become|new (?:vips?|golds?|silvers?|bronzes?)|newcomers?"
    r"|new(?:ly)? (?:\w+ )?(?:in|to|into)|newly|turned|made it (?:to|into)|moved (?:in)?to|got into"
    r"|came into|arrived|reached|went (?:in)?to|gained",
)
MOVEMENT = words(
    r"이동|등급\s*(?:변동|변화|변경|이\s*바뀐|이\s*변한|바뀐|변한)|(?:변동|바뀐|변경된)\s*(?:고객|사람"
    r"|손님|내역|현황|인원)|전환된?|옮긴|옮겨|오르내",
    r"mov(?:ed?|ements?|es|ing)|grade changes?|changed (?:grade|tier|their grade|from|between)"
    r"|transition\w*|switched|shift(?:ed|s)?|migrat\w+|changes? (?:in|of) grades?|churned",
)
WHY = words(
    r"왜|이유|까닭|원인|근거|어째서|어쩌다|때문|무슨\s*일|배경이",
    r"why|reasons?|grounds|how come|because|cause[ds]?|what made|what (?:led|brought|caused|drove"
    r"|happened)|explain(?:s|ed)?|explanation|justif\w+|on what basis|basis|for what",
)
BOUNDARY = words(
    r"경계|못\s*정|자신\s*(?:이|있게)?\s*(?:없|못)|애매|모호|불확실|확실(?:하지|치)\s*않|확신(?:이"
    r"|하지)?\s*(?:없|못|낮)|아슬|간당|턱걸이|걸쳐|걸친"
    r"|사이에\s*(?:있|낀)|등급\s*확률이?.{0,8}(?:낮|안\s*되|미만|이하)|확률이?\s*(?:0\.\d+"
    r"|\d+\s*%)?\s*(?:도|보다|이하|미만|안|낮)|헷갈"
    r"|왔다\s*갔다|반반|확신도|불분명",
    r"boundar\w+|borderline|on the (?:edge|fence|line|border|cusp|verge|brink)|edge (?:cases?|between)"
    r"|uncertain\w*|unsure|not (?:so |very |quite |really |at all )?(?:sure|certain|clear|confident)"
    r"|isn'?t (?:sure|certain|clear|confident)|aren'?t (?:sure|certain|clear|confident)|unclear|ambiguous"
    r"|between (?:grades|tiers|two grades)|low (?:\w+ )?(?:confidence|certainty|probabilit\w+)"
    r"|confidence (?:is |under |below )?(?:low|under|below)|in[\s-]between|could go either way|either way"
    r"|wobbl\w+|shaky|doubtful|hard to (?:grade|place)|least (?:sure|certain|confident)"
    r"|probability (?:below|under|less)|undecided|toss[\s-]?up|marginal|cusp|straddl\w+|just (?:barely"
    r"|about)|barely",
)
TREND = words(
    r"추이|추세|일자별|흐름|트렌드|동향|그래프|(?:월|주|일|날짜|분기|요일|달)\s*(?:별|마다)|매\s*(?:월|주|일|달)"
    r"|변화|변해|변했|달라졌|변동|어떻게\s*(?:움직|바뀌|늘"
    r"|줄|돼\s*왔|되어\s*왔|가고)|(?:늘|줄)어?\s*(?:고\s*있|들고|나고|어나|었)|증감|증가|감소|성장|시계열"
    r"|시간(?:에|이)\s*(?:따라|지나)|히스토리|이력"
    r"|오르고|내리고|줄고|늘고",
    r"trends?|trending|climbing|sliding|headcount been|over time|by (?:day|week|month|date)|(?:per|each"
    r"|every) (?:day|week|month)|monthly"
    r"|weekly|daily|month[\s-](?:by|over|on|to)[\s-]month|week[\s-](?:by|over|on|to)[\s-]week"
    r"|day[\s-](?:by|over|on|to)[\s-]day|develop\w*|evol\w+|histor(?:y|ical|ically)|timeline|time series"
    r"|chart|graph|plot|curve|going (?:up|down)|gone|growing|grow(?:n|th)|shrink\w*|shrunk|rising|falling"
    r"|chang(?:e|ed|ing) (?:over|since|lately|this|in the|during|recently)|how (?:have|has|did|is"
    r"|are) .*(?:chang\w+|mov\w+|go(?:ne|ing)|look\w* (?:over|lately|recently|since|this)|perform\w*|been"
    r"|progress\w*|vary|varied|fluctuat\w+)|progress\w*|trajectory|fluctuat\w+|increasing|decreasing"
    r"|increased|decreased|up or down|run rate|course of",
)
SHARE = words(
    r"비율|비중|몫|퍼센트|퍼센티지|프로(?:나|야|인가|예요|에요|정도|를|가)|%|차지|점유|몇\s*(?:할|프로|퍼)"
    r"|백분율|구성비|분포|몇\s*분의|얼마만큼을|중에\s*얼마나",
    r"shares?|percent\w*|proportions?|fractions?|%|ratio|what part|how much of|how large a part|make up"
    r"|makes up|account(?:s|ed)? for|out of all|portion|distribution|pct|slice|come[s]? from|came from"
    r"|contribut\w+",
)
MEAN = words(
    r"평균|객단가|인당|(?:한\s*명|1명|한\s*사람|한\s*건|건|주문|고객)\s*당|보통\s*(?:얼마|몇)|대체로\s*(?:얼마|몇)",
    r"averag\w*|avg|mean|typical(?:ly)? (?:\w+ )?(?:spend|order|basket|amount|number|purchase|come|value"
    r"|cost)|per (?:customer|order|head|person|purchase|basket|client|capita|buyer)|on average|aov"
    r"|usual (?:order|basket|spend)|each (?:customer|vip|order) (?:spend|buy|worth)\w*",
)
TOP = words(
    r"상위|하위|(?:매출|구매|반품|주문)왕|톱|탑|제일|가장|최고|최대|최저|(?:액|금액|매출|지출)\s*(?:이"
    r"|가)?\s*(?:큰|높은|많은|적은"
    r"|낮은)|최소|최다|순위|랭킹|(?:많이|자주|오래|크게|적게"
    r"|높은|낮은|큰|작은|많은|적은|오래된|최근)\s*(?:순|순서|순으로)|베스트|워스트|1위|1등|내림차순"
    r"|오름차순|큰\s*손|(?:위|등)까지|순(?:으로|서로|위)"
    r"|\d+\s*(?:명|분|위)\s*(?:만|뽑|추려|보여|알려|리스트|목록|골라|까지)|단골\s*(?:순|왕)|많이\s*(?:쓴"
    r"|산|구매한|주문한|지출한|반품한"
    r"|사는)\s*(?:고객|사람|손님|분)",
    r"top|bottom|highest|lowest|largest|smallest|best|worst|biggest|most|least|rank\w*|leaderboard|longest"
    r"|heaviest|leading|greatest|spenders?|fewest|first \d+|oldest|newest|latest buyers?|big ticket|sorted"
    r"|order(?:ed)? by|by (?:spend\w*|revenue|orders|purchases|frequency|recency)|frequent (?:buyers?"
    r"|shoppers?|customers?)|the \d+ (?:vips?|golds?|silvers?|bronzes?|customers?|people|buyers?)"
    r"|number one|no\.? ?1|who (?:buys|orders|shops|spends|bought|ordered|spent|returns"
    r"|returned) (?:the )?(?:most|least|more|more often)",
)
SUM = words(
    r"합계|총(?:액|합|\s|매출|금액|구매|지출|반품|환불)|전체\s*(?:금액|매출|구매|지출|반품|합)"
    r"|모두\s*(?:얼마|합)|다\s*(?:합|더)|매출|수익|판매액"
    r"|판매\s*금액|얼마(?:나)?\s*(?:썼|쓴|벌|팔|사|구매|지출|반품|환불|냈|들어|나왔|야|예요|에요|인가|입니"
    r"|이야|였|죠|지|일까|어치)|얼마\??$|(?:금액|지출"
    r"|구매액|반품액|환불액|소비)(?:이|은|는|을|를)?\s*(?:얼마|총|모두|합|알려|보여)|반품액|환불액"
    r"|환불\s*금액|반품\s*금액|누적\s*(?:금액|매출|구매)|벌었|팔았"
    r"|팔린|벌어",
    r"total\w*|sum|revenue|sales|turnover|how much|altogether|takings?|took in|take in|income|earn\w*"
    r"|gross|net|spending of|amount (?:spent|of|returned|refunded)|grand total|overall spend\w*|in total"
    r"|money (?:came|made|spent|returned|back)|value of (?:returns|orders|all)|combined|sold|refund(?:s"
    r"|ed)? (?:total|amount|value)|worth of",
)
COUNT = words(
    r"몇\s*(?:명|건|개|분|사람|번|회|차례|곳)|(?:고객|인원|주문|건|사람|손님|회원|구매|구매자|가입자|명"
    r"|단골|사용자|반품)\s*(?:수|숫자)(?![\s가-힣]*(?:당"
    r"|준))|몇이|인원|건수|명수|머릿수|얼마나\s*(?:많|있|되)|수(?:가|는|를|도|만)?\s*(?:얼마|몇|알려|궁금"
    r"|세|집계)|카운트|집계|세어|(?:은|는|이"
    r"|가)\s*총\s*몇|있는지\s*세|총원",
    r"how many|total (?:number of )?(?:customers|orders|people|buyers)|number of|count\w*|headcount"
    r"|(?:total|the) number|tally|how large is|how big is|size of|no\. of|# of|quantity of"
    r"|amount of (?:customers|orders|people)|volume of orders|order volume|how numerous",
)
THEME = words(
    r"(?:을|를|만|도|이나|나|랑|용품|제품|상품|류|템|품)?\s*(?:자주|주로|많이|즐겨|꾸준히|좋아서|잘"
    r"|한\s*번이라도|최근)?\s*(?:사는|산|사간|사\s*가는|샀던"
    r"|구매하는|구매한|구입하는|구입한|좋아하는|좋아할|즐겨\s*찾는|찾는|관심\s*(?:있|많|을|가질)|선호하는"
    r"|모으는|주문하는|주문한|담는|살\s*만한|쓰는"
    r"|애용하는)\s*(?:\S+\s*)?(?:고객|손님|사람|분|VIP|골드|실버|브론즈|단골|회원|이들|구매자)|취향|관심"
    r"|누가\s*(?:사|구매|살|찾|좋)|좋아하는|즐기는|꾸미기"
    r"|(?:을|를)\s*(?:누가|사는\s*(?:게|건)|산\s*(?:게|건)|많이\s*사|샀|구매한\s*적|좋아하|즐겨)|구매자"
    r"|(?:사는|산|구매한|구입한)\s*(?:사람|고객"
    r"|손님|분)|누가\s*\S+.{0,12}(?:사|구매|샀)",
    r"(?:who|which (?:\w+ ){0,3}|customers?|people|vips?|golds?|silvers?|bronzes?|shoppers?|buyers?|those"
    r"|anyone|anybody|everyone|members?|clients?|users?|regulars|folks|ones)\s+(?:who |that |which |are "
    r"|is |mainly |mostly |often |usually |regularly |always |might |would |also |have |has |ever |keep "
    r"|really |do |seem to |tend to |frequently |likes? to )*(?:buys?|bought|buying|purchas\w+|likes?"
    r"|loves?|loving|liking|into|interested|fond|keen|collect\w*|ordered|orders?|ordering|picks?"
    r"|go(?:es)? for|shop(?:s|ping)? for|prefer\w*|enjoy\w*|stock(?:s|ing)? up|fans?|shown? interest|want"
    r"|crazy about)\b|fans of|buyers of|(?:\w+ )(?:lovers|fans|buyers|collectors|enthusiasts|shoppers)"
    r"|interest(?:ed)? in|taste for|a thing for|with a (?:taste|preference|passion)|(?:into|fond of"
    r"|keen on) |who (?:would|might|could) (?:like|want|be interested|buy)|bought (?:a |any |our |the "
    r"|some )?\w+",
)
SUMMARY = words(
    r"요약|정리|어떤\s*(?:고객|사람|분|손님|스타일|식|성향|유형|타입|쇼핑|회원)|누구|특징|특성|프로필|소개"
    r"|설명|어때|어떠|어떻|브리핑|한\s*눈에|개요|정보|알려|보여|성향"
    r"|상태|궁금|현황|파악|살펴|조회|분석|전반|대해",
    r"summar\w+|about|tell me|who(?:'s| is| are)?|describe|description|overview|profile|brief\w*"
    r"|what (?:is|are|kind|sort|type|do|does|should i|can you)|look like|like|show|rundown|recap|snapshot"
    r"|picture|facts?|know|info\w*|detail\w*|report|story|sum up|at a glance|characteri\w+|background"
    r"|portrait|sketch|introduce|behave|run me through|walk me through|review|situation|key points|give me",
)
PROFILE = words(
    r"특징|특성|특색|프로필|성향|어떤|어때|어떻|어떠|누구|설명|소개|알려|보여|현황|통계|요약|전형|모습"
    r"|패턴|공통점|개요|분석|정리|살펴|대해|정보|궁금|조회|행동|보고|브리핑|파악|구성|한\s*눈",
    r"like|profiles?|describe|description|characteri\w+|features?|traits?|typical\w*|look|who|about|show"
    r"|overview|summar\w+|behav\w+|picture|tell me|segment|persona|know|what (?:is|are|do|makes|sort|kind"
    r"|type)|define[sd]?|explain|in common|patterns?|habits?|portrait|sketch|usual\w*|snapshot|rundown"
    r"|info\w*|details?|report|composition|brief|give me|stands? out|walk me|run me|tend",
)
GRADE = words(
    r"등급|티어|클래스|레벨",
    r"grades?|graded|grading|tiers?|levels?|segments?|rank|class|standing|status|category|bucket",
)
CHECK = words(
    r"맞(?:아|나|는|지|습|죠)|인가|인지|이야|야\?|아니|이에요|예요|입니까|이니|일까|이지|냐|인데|급",
    r"is|are|was|were|isn'?t|does|belong|count as|still|yet|already",
)

ORDERS = words(
    r"주문\s*(?:수|건|량|은|이|을|몇|추이|흐름|변화|현황|트렌드|trend|횟수|들)?|구매\s*(?:건수|건|가\s*몇)"
    r"|건수|몇\s*건|오더|거래\s*(?:수|건)",
    r"orders?|transactions?|(?:number of|how many) purchases|purchases (?:were|did|have|made|in|on|per|by"
    r"|last|this|yesterday|today|trend|were)|purchases|invoices?",
)
MONEY = words(
    r"매출|금액|돈|쓴|썼|쓰는|써\s*준|구매액|지출|소비|수익|결제|판매액|큰\s*손|얼마|벌|파운드|실적|기여"
    r"|사\s*준|팔|씀씀이|통\s*큰|VIP\s*매출",
    r"spen[dt]\w*|spending|revenue|sales|money|amounts?|value|turnover|gross|net|income|takings?|took in"
    r"|take in|earn\w*|£|pounds?|paid|pays?|worth|monetary|bring in|brought in|brings in"
    r"|big(?:gest)? (?:customers?|buyers?|spenders?)|generat\w+|sold|how much|contribut\w+",
)
RETURNED = words(
    r"반품|환불|되돌려|돌려\s*(?:보낸|받|준)",
    r"returns?|returned|refund\w*|sent back|send back|gave back|given back|brought back",
)
NET_OF_RETURNS = words(
    r"(?:반품|환불)\s*(?:한?\s*(?:것|건|금액|액|분))?\s*(?:은|는|을|를)?\s*(?:제외|빼|뺀|차감|제하|제한|반영)",
    r"(?:net of|after|before|less|minus|excluding|without) (?:the |any |all )?(?:returns|refunds)",
)
"""Returns are named there, but money is asked for."""
RECENCY = words(
    r"경과|최근성|마지막\s*(?:구매|주문|결제)|오래|오랫동안|안\s*산|안\s*사|구매(?:가|를)?\s*(?:없|안"
    r"|하지)|며칠|뜸|발길|최근에\s*(?:산|구매|주문|온)"
    r"|지난\s*지|리센시|최근\s*(?:구매|주문)\s*(?:순|한)|가장\s*최근|제일\s*최근",
    r"recency|since (?:the |their |his |her |they |last |buying|purchas|a purchase|an order|vips)\w*"
    r"|days since|last (?:bought|purchase|purchased|order|ordered)|longest|not bought|haven'?t (?:bought"
    r"|ordered|purchased|shopped)|hasn'?t (?:bought|ordered)|(?:most |more )?recent(?:ly)?(?: buyers?"
    r"| purchas\w+)?|inactive|absent|quiet(?:est)?|latest|days ago|how long (?:ago|since|has|have|is|do"
    r"|does)|gone (?:the )?longest|long ago|silent|elapsed",
)
FREQUENCY = words(
    r"횟수|자주|빈도|몇\s*(?:번|회|차례)|번\s*(?:사|구매|주문)|회수|구매\s*수|주문\s*수|(?:주문"
    r"|구매)\s*(?:건수|가)?\s*(?:많|적|최다)|자주|빈번",
    r"frequen\w*|often|times|number of (?:purchases|orders)|(?:most|fewest|least|more) (?:orders"
    r"|purchases)|purchases?|how many (?:orders|purchases|times)|orders? (?:per|each|count)|orders|repeat"
    r"|regularly",
)
ORDER_VALUE = words(
    r"객단가|(?:주문|건|한\s*건|결제|구매\s*건)(?:\s*한\s*건)?\s*당|주문\s*(?:단가|평균|금액의?\s*평균)"
    r"|평균\s*주문\s*(?:금액|액|가)|장바구니|건당"
    r"|1회\s*(?:주문|구매)(?:당|\s*금액)|주문\s*하나|1건\s*평균|구매\s*1회|한\s*번\s*(?:주문|구매"
    r"|살).{0,6}(?:평균|얼마)",
    r"order value|aov|per (?:order|purchase|basket|transaction|invoice)|basket|(?:average|typical|mean|avg"
    r"|usual|typical) (?:\w+ )?(?:order|purchase|basket|ticket|transaction|invoice)(?! (?:count"
    r"|frequency))|order (?:size|amount|worth)|worth of an order|an? (?:average |typical )?order (?:worth"
    r"|come|cost)\w*|typical order",
)
MONEY_ALONE = words(
    r"매출|금액|돈|쓴|썼|쓰는|써\s*준|구매액|반품액|지출|소비|수익|결제|판매액|큰\s*손|파운드|실적|기여"
    r"|씀씀이|통\s*큰|구매\s*총액",
    r"spen[dt]\w*|spending|revenue|sales?|money|amounts?|value|turnover|gross|net|income|takings?|took in"
    r"|take in|earn\w*|£|pounds?|paid|pays?"
    r"|monetary|bring in|brought in|brings in|sold|contribut\w+",
)
"""Money, said so: not by "how much" alone."""
SPENT = words(
    r"금액|구매액|매출|돈|지출|쓴|쓰는|결제액|총액|큰\s*손",
    r"spen[dt]\w*|spending|spenders?|revenue|money|pounds|value|amounts?|sales|turnover",
)
ORDERS_MOST = words(
    r"(?:구매|주문)\s*(?:건수|횟수|수|빈도)|주문(?:을)?\s*(?:가장|제일|젤)?\s*많이|자주|많이\s*(?:주문|구매|산|사는|온|오는)|단골",
    r"(?:order|buy|shop|purchase|come)s? (?:the )?(?:most|least)|most (?:orders|purchases)|orders|regulars?",
)
LONGEST = words(r"오래|안\s*(?:온|산|오|사)|뜸", r"longest|not bought|haven'?t|away|ago|absent|quiet\w*")
HEADS = words(
    r"(?:고객|인원|회원|손님|VIP|골드|실버|브론즈)\s*(?:수|숫자|규모|인원)|인원|명수|머릿수|몇\s*명|(?:^"
    r"|\s)수(?:가|는|\s)",
    r"headcount|(?:number|count|population|size) of (?:the )?(?:customers?|vips?|golds?|silvers?|bronzes?"
    r"|people|members|$)|(?:customer|member) (?:numbers?|counts?)|population|how many (?:customers|people)"
    r"|numbers? of\s*$",
)
LOWEST = words(
    r"하위|최저|최소|가장\s*(?:적|낮|작|안|뜸)|제일\s*(?:적|낮|작|안|뜸)|적게|적은|낮은\s*순|작은\s*순"
    r"|오름차순|꼴찌|밑에서|최하|조금\s*(?:산|쓴)|덜",
    r"bottom|lowest|smallest|least|worst|fewest|cheapest|weakest|ascending|poorest|low spenders?",
)
REVERSED = words(
    r"반대로|거꾸로|역순", r"the other way(?: round| around)?|conversely|the opposite|reverse[d]?|vice versa"
)
ALL_GRADES = words(
    r"(?:모든|전체|전|각|네|(?<!\d)4)\s*(?:개\s*)?(?:등급|티어)|등급\s*(?:네|4)\s*개|등급\s*(?:별|끼리|간|전체|전부|모두)|네\s*개?\s*등급",
    r"(?:all|each|every|the|across|between) (?:of )?(?:the |our )?(?:four |4 |different )?(?:grades?"
    r"|tiers?|levels?|segments?)|(?:by|per) (?:grade|tier|level|segment)|(?:grades|tiers) (?:side by side"
    r"|against each other)",
)
EACH = words(r"각각|각자|따로", r"each|respectively|separately|individually|one by one")
UNHELD = words(
    r"(?:몇|여러)\s*개(?:씩|나|를)?\s*(?:담|사|샀|산|팔|들|주문|구매|들어)|(?:품목|상품|제품|아이템)\s*(?:수|개수|가짓수|종류\s*수)"
    r"|수량|낱개|가짓수|마진|이익률?|순이익|원가|할인율|방문\s*(?:수|횟수)|클릭|조회수|재구매율|재방문율|유지율|잔존율|이탈률|전환율"
    r"|해외|국가|나라별|지역|도시별?|성별|남성|여성|연령|나이대|상위\s*\d+\s*(?:%|퍼센트|프로)",
    r"(?:items?|units?|pieces|products|lines|skus?|articles) (?:per|on average"
    r"|(?:in|for) (?:an?|one|each|the|their|every) (?:order|basket|invoice|purchase))"
    r"|how many (?:different |distinct )?(?:items|units|pieces|products|skus|lines)"
    r"|number of (?:different )?(?:items|units|pieces|products|lines)|quantit(?:y|ies)"
    r"|units (?:sold|bought)|profit\w*|margins?"
    r"|mark-?ups?|visits?|clicks?|page ?views|footfall|conversion|(?:repeat|repurchase|retention|churn) rates?|bounce"
    r"|outside (?:the )?(?:uk|country)|abroad|overseas|by (?:country|region|city)|countries|gender"
    r"|(?:fe)?males?|women|age groups?|top \d+ ?(?:%|per ?cent)",
)
"""Measures of which the tables hold nothing."""
MEAN_OF_TIME = words(
    r"(?:월|주|일|달|연)\s*평균|평균\s*(?:월|주간|일일)|(?:구매|주문)\s*(?:주기|간격|텀)|며칠\s*(?:에|마다)\s*한\s*번",
    r"(?:average|mean|typical) (?:\w+ )?(?:monthly|weekly|daily|yearly)|(?:monthly|weekly|daily) (?:average|mean)"
    r"|(?:per|a|each|every) (?:month|week|day) on average|on average (?:per|a|each|every) (?:month|week|day)"
    r"|average (?:\w+ ){0,3}(?:per|each|a) (?:month|week|day)|(?:days|time|gap|interval) between"
    r"|(?:order|purchase|buying|repeat) (?:interval|cycle|gap)",
)
"""Means over months or weeks, and times between orders."""
BOUGHT = words(
    r"샀|산\s|사간|구매|주문|결제|쓴|썼|온\s|왔|방문",
    r"bought|buy(?:s|ing)?|order(?:s|ed|ing)?|purchas\w+|shop(?:ped|s)?|spen[dt]\w*|came|paid",
)
LEANS_UP = words(
    r"직전|되기|될\s*(?:것|듯|만)|까지|오르기|올라갈|오를|승급|승격|조금만\s*더|가까운|가까이|모자란|문턱|못\s*(?:된|미친|올라)|위\s*등급|더\s*(?:사|쓰|구매|주문|결제)\S*면|바로\s*(?:밑|아래)",
    r"nudge"
    r"|short of|shy of|close to|closest to|near(?:ly|est|ing)?|almost|just (?:below|under|beneath)"
    r"|a \w+ (?:below|under)|about to (?:become|reach|rise|move up|make|get|be promoted)|promot\w+"
    r"|next (?:grade|tier|level)|almost there|one order away|miss(?:ed|ing)? (?:out on )?(?:vip|gold|silver)",
)
LEANS_DOWN = words(
    r"떨어질|떨어지기|강등|내려갈|내려가기|탈락|밀려|위험|위기|미끄러|잃을|놓칠",
    r"about to (?:drop|lose|fall|slip|go down)|fall(?:ing)?|drop(?:ping)?|slip(?:ping)?"
    r"|los(?:e|ing)|at risk|danger|demot\w+|downgrad\w+",
)
"""Near a higher grade, or about to fall to a lower one."""
NOT_BUYING = words(
    r"(?:안|못)\s*(?:사|오|구매|주문|쓰|살)\S*(?:면|다면)|(?:구매|주문)(?:를|을|가|이)?\s*(?:안|하지\s*않|없)\S*(?:면|다면)"
    r"|(?:반품|환불|취소)(?!\s*(?:을|를|은|는|금액|액)?\s*(?:제외|빼|전|후))",
    r"(?:does|do|did|is|are|was|had|has)(?:n[’']?t| not) (?:buy|order|purchase|spend|come|shop|bought|made|placed)\w*"
    r"|not (?:buying|ordering)|without (?:buying|ordering|a purchase|an order|another)|buy(?:s|ing)? nothing"
    r"|(?<!after )(?<!of )return(?:s|ed|ing)?(?! (?:to|customers?|visits?|and)\b)|refund\w*|cancel\w*"
    r"|no (?:more |further )?(?:orders?|purchases?) (?:until|till|for|in|from)|nothing (?:bought|ordered)"
    r"|stop(?:s|ped)? (?:buying|ordering|shopping)"
    r"|sen[dt]s? (?:it|everything|all|half)? ?back|never (?:buys|orders)",
)
"""What if there were no orders, or fewer: time and returns are not simulated."""
ORDERS_MORE = re.compile(
    r"(?<![\d.])(\d{1,3}|한|두|세|네|다섯)\s*(?:번|회|건|차례)|\b(\d{1,3}|one|two|three|four|five|a couple"
    r"|another)\s+(?:of\s+)?(?:\w+\s+)?(?:orders?|purchases?|times)\b"
    r"|\b(?:order|buy|bought|come|came|purchase)\w*\s+(?:another\s+)?(once|twice|\d{1,2} times)\b"
    r"|\+\s*(\d{1,2})\s*(?:orders?|purchases?)|\b(once|twice)\s+more",
    re.IGNORECASE,
)
MOST_RECENT = words(
    r"(?:가장|제일)\s*최근|최근(?:에)?\s*(?:산|구매한|주문한|온|사간|방문)|최근\s*(?:구매|주문)\s*순|방금",
    r"most recent(?:ly)?|latest|newest|recently|just (?:bought|ordered)|last to (?:buy|order)",
)
DORMANT = words(
    r"휴면|잠자는|잠든|떠나간|(?<!에서\s)(?<!를\s)(?<!을\s)떠난\s*(?:고객|손님|사람|분)|발길(?:을"
    r"|이)?\s*(?:끊|끊긴)|발걸음(?:을|이)?\s*끊|소식\s*(?:없는|끊)"
    r"|(?:안|발길\s*안)\s*(?:온|오신|산|사간)\s*지\s*(?:오래|한참|꽤)(?!된?\s*순)|(?<!제일\s)(?<!가장\s)(?:오랫동안|오래|한동안"
    r"|한참)\s*(?:안|발길)\s*(?:온|오신|오는"
    r"|산|사는|끊)(?!\s*순)|더\s*이상\s*(?:안|사지)",
    r"dormant|dormnat|sleeping|lapsed|inactive|gone quiet|asleep|stopped (?:buying|shopping|coming"
    r"|ordering|purchasing)|(?:no longer|don'?t) (?:buy|shop|order|come)s?(?: any ?more| with us)?"
    r"|(?:haven'?t|hasn'?t|not) (?:bought|ordered|shopped|been (?:back|in|around)|come back"
    r"|visited)(?: (?:anything|from us|with us))? (?:in|for) (?:ages|a (?:long )?while|a long time|months)"
    r"|lost customers|lost touch|given up on us|vanished|disappeared",
)
NEW = words(
    r"신규\s*(?:고객|손님|회원|구매자|가입)|새\s*(?:고객|손님|회원)|처음\s*(?:산|사신|온|오신|구매|주문"
    r"|방문)|새로운\s*(?:고객|손님)|새로\s*(?:온|오신"
    r"|생긴|가입)\s*(?:고객|손님|한|분|사람)?|첫\s*(?:구매|주문|거래)"
    r"|(?:갓|막)\s*(?:가입|들어온|시작)|뉴\s*비|신입\s*(?:고객|회원)",
    r"new (?:customers?|buyers?|clients?|shoppers?|people|faces|arrivals(?! in))"
    r"|first[\s-]time(?: (?:buyers?|customers?|shoppers?))?|(?:are|state) new|newcomers?(?! (?:to|in))"
    r"|brand[\s-]new customers?"
    r"|just (?:started|joined us|signed up)|(?:bought|ordered|shopped) for the first time"
    r"|recently (?:joined|signed up|acquired)|newly (?:acquired|registered)",
)
COOLING = words(
    r"뜸해|뜸한|뜸하|식어|식은|쿨링|멀어지|시들|덜\s*(?:오|사)|발길이?\s*줄",
    r"cooling(?:[\s-]off)?|cooled(?: off| down)?|cool(?:ing)? down|drifting(?: away)?|fading"
    r"|going (?:quiet|cold)|slowing(?: down)?|slipping away|(?:buying|ordering|coming) less(?: often)?"
    r"|tailing off",
)
ACTIVE = words(r"활동\s*(?:중|고객|하는)|활성\s*(?:고객|상태|사용자)?|활발", r"active")

THESE = words(
    r"그\s*중|그\s*(?:고객|손님|사람|분|회원|등급|그룹|들|애|쪽|중|집단|세그먼트|녀석|이들|명단|목록)"
    r"|이\s*중|(?<![가-힣])이\s*(?:고객|손님|사람|분|들|그룹"
    r"|등급|중|명단)|그들|이들|저\s*(?:고객|사람|분)|걔|거기서|여기서|그\s*가운데|이\s*가운데|방금\s*(?:그"
    r"|말|본)|해당\s*(?:고객|등급|그룹)|아까"
    r"|위\s*(?:고객|명단|목록)|그\s*(?:달|주|해|날|때|기간)(?=[에의도은는]|\s)|같은\s*(?:달|기간|주|분기|해|날)|거기|나머지|전자|후자|이\s*(?:집단|사람들|고객들)|이분|그분|그게|그건|그거|둘",
    r"(?:of|among|from|for|to|about|between|with|like|in) (?:those|these|them|him|her|it|that|this"
    r"|that one|which)|them|they|their|those|these|him|her|she|he|his|the same|that (?:customer|grade"
    r"|group|one|person|list|segment|tier)|this (?:customer|grade|group|one|person|list|segment|tier)"
    r"|same (?:customer|grade|period|group|question|thing|list|for)|it|its|both|the two|that",
)
OTHERS = words(
    r"나머지|그\s*(?:외|밖)(?:의|에)?\s*(?:등급|티어)|다른\s*(?:(?:두|세)\s*)?(?:등급|티어)",
    r"(?:the|all) (?:others|rest|remaining)(?! of (?:the )?(?:month|year|week|day|world))"
    r"|other (?:grades|tiers|levels|ones)|the other (?:two|three|one)|every(?:one|body) else",
)
"""The grades that the question before did not name."""
FORMER = words(
    r"전자|첫\s*(?:번째|째)\s*(?:고객|분|사람|등급)|앞(?:의|에)?\s*(?:고객|분|사람)",
    r"the former|the first (?:one|customer|of)",
)
LATTER = words(
    r"후자|두\s*번째\s*(?:고객|분|사람|등급)(?!\S*\s*(?:로|높|낮))|뒤(?:의|에)?\s*(?:고객|분|사람)",
    r"the latter|the second (?:one|customer)|the last one",
)
"""One of the two that the question before named."""
BOTH = words(
    r"둘|두\s*(?:등급|고객|분|사람|손님|회원)",
    r"both|(?:the|these|those) two|these two|which (?:one )?of (?:them|those|these)|which of the two|either of them",
)
LEAVES_OUT = words(r"빼|제외|말고|대신", r"leav(?:e|ing)|drop|remove|without|instead of|replace|except")
NEXT_BELOW = words(
    r"(?:그\s*)?바로\s*(?:아래|밑)|(?:한\s*(?:단계|등급)|하나)\s*(?:아래|밑)",
    r"(?:the )?one (?:right |just |directly )?(?:below|under|beneath)"
    r"|(?:one|a) (?:grade|tier|level|step) (?:down|lower|below)"
    r"|(?:the )?next (?:grade|tier|level)? ?(?:down|below)",
)
NEXT_ABOVE = words(
    r"(?:그\s*)?바로\s*위|(?:한\s*(?:단계|등급)|하나)\s*위",
    r"(?:the )?one (?:right |just |directly )?(?:above|over)|(?:one|a) (?:grade|tier|level|step) (?:up|higher|above)"
    r"|(?:the )?next (?:grade|tier|level)? ?(?:up|above)",
)
"""The grade beside the one that the question before named."""
BELOW_THAT = words(r"그\s*(?:아래|밑|이하)", r"(?:below|under|beneath|lower than) (?:that|them|it|those)")
ABOVE_THAT = words(
    r"그\s*(?:위|이상)(?=\s|로|의|는|은|등|고|에|쪽)", r"(?:above|over|higher than|beyond) (?:that|them|it|those)"
)
"""The grades below or above those that the question before named."""
AND_WHAT = words(
    r"^그럼|^그러면|^그리고|^반대|^근데|^그런데|^이번엔|^이제|^그렇다면|^또|^이번엔|^그\s*전|^반대로|(?:은"
    r"|는|도|이랑|랑)\s*(?:요)?\s*\??$|은요|는요|도요|\S도\s",
    r"^and|^or|^what about|^same|^next|^how about|^then|^so|^ok|^okay|^now|^same|^also|^but|^just|instead|too|as well",
)

GOES_ON = words(
    r"^그럼|^그러면|^그리고|^반대|^이번엔|(?:은요|는요|도요)\s*\??$|^\S+(?:\s\S+){0,2}(?:은|는|도)\s*[?.]*$",
    r"^and|^what about|^how about|^same",
)
"""So a question begins or ends that goes on with the one before, if it asks for the same."""
NOT_SO = words(
    r"(?<![가-힣])(?:안|못)\s*[가-힣]|지\s*(?:않|못)|\d\S{0,6}도(?![가-힣])",
    r"(?:is|was|did|does|has)(?:n'?t| not)|not|never|too|either|as well",
)
"""So a why is told of another customer: why is 12347 Gold? Why isn't 12348?"""
CORRECTS = words(
    r"^아니(?!면)|오타|좁혀|한정|잘라|만\s*(?:보여|따로|합산|골라|다시|떼)|잘못\s*(?:썼|쳤|말|입력)|정정|말이(?:야|에요)|말인데|다시\s*(?:뽑|해|계산)|똑같이|늘려|줄여",
    r"i meant?|narrow\w*|limit(?:ed)? (?:it )?to|restrict\w*"
    r"|^no(?=[,.!\s])(?!\s+(?:one|customers?|orders?))|^sorry|^oops|wrong (?:number|id)|i said|typo"
    r"|(?:do|show) the same|same (?:again )?for|(?:leave|take) (?:\w+ ){0,4}out|remove",
)
"""So a question begins that puts right the one before."""
BESIDE = words(r"(?:이랑|랑|하고|과|와)은?\s*(?:어때|어떤가|어떻)", r"next to (?:it|them|him|her)")
"""Put beside the one of before."""
ADDS = words(
    r"포함|추가|까지\s*(?:다\s*)?합|더해|(?:도|까지)\s*넣어",
    r"add|adding|includ\w+|as well|^plus|so both|in too|next to (?:it|them|him|her)",
)
"""Those that are named are meant besides those of before."""
ONE_PERSON = words(
    r"그\s*(?:고객|분|사람|손님|회원)(?!들)|(?<![가-힣])이\s*(?:고객|분|사람|손님)(?!들)|걔(?!네)",
    r"her|hers|him|his|she|he|that customer|this customer",
)
"""The customer of before, though a grade is named."""
EVERYBODY = words(
    r"전체\s*(?:고객|손님|회원)|모든\s*(?:고객|손님|회원)|(?:고객|손님|회원)\s*전체|전체(?:로|는|적으로|(?=\s*\d))",
    r"all (?:the |our )?customers|every customer|overall|everyone|everybody|all grades|the whole shop",
)

GRADE_ALIASES = {
    "VIP": r"(?:브이|브|뷔|비)\s*(?:아이|아|이)\s*[피삐]|v\.i\.p\.?|v[l1]p|vvip|vipp|v\si\sp|v-i-p|vpi|최우수",
    "Gold": r"골\s드|꼴드|골뜨|goldd?|golld|glod|godl|gol",
    "Silver": r"실\s버|씰버|실바|실벌|sliver|silvr|sivler|silvre|sliver|slver|siver|sillver|silever",
    "Bronze": r"브론\s즈|브\s론\s?즈|브론스|브런즈|브론지|브론츠|부론즈|동급|bronz|broze|bronce|brozne|bornze"
    r"|bronez|brnoze|bonze|bronse|brnze",
}
"""Other ways of writing the grades that come with dangol, also the misspelt ones."""

RANK_WORD = (
    r"(?:\s*(?:등급|급|티어|레벨))?(?:\s*(?:고객(?:님)?|손님|회원)(?:들)?)?"
    r"(?:[\s-]+(?:grades?|graded|tiers?|levels?|status|ranked))?(?:\s+(?:customers?|members?|people|folks?"
    r"|shoppers?|buyers?))?"
)
HIGHER_AFTER = re.compile(rf"^{RANK_WORD}\s*(?:보다\s*(?:더\s*)?(?:높|위|상위)|초과|을?\s*넘는)", re.IGNORECASE)
OR_ABOVE = re.compile(
    rf"^{RANK_WORD}\s*(?:이상|위(?:로(?!\s*(?:못|안|더|올라|가|갈))|의|쪽|\s)|부터\s*(?:그\s*)?위|(?:이?랑|와|과|하고|및)\s*그\s*(?:위"
    rf"|이상))|^{RANK_WORD}\+(?![A-Za-z가-힣])"
    rf"|^{RANK_WORD}[\s,-]*(?:(?:or|and|&|n)[\s-]+(?:the\s+)?(?:above|higher|better|up|over|upwards?|beyond"
    rf"|anything\s+above)|upwards?)",
    re.IGNORECASE,
)
NEXT_KO = rf"^{RANK_WORD}\s*(?:의\s*)?(?:바로|한\s*(?:단계|등급)|하나)\s*"
NEXT_EN = (
    r"(?:(?<!\bno )(?<!\bany )\bone(?:\s+(?:tier|grade|level|step|rank))?|\bdirectly|\bimmediately"
    r"|\bthe\s+(?:next\s+)?(?:grade|tier|level|rank)(?:\s+(?:right|just|directly))?)\s+"
)
NEXT_LOWER_AFTER = re.compile(rf"{NEXT_KO}(?:아래|밑)", re.IGNORECASE)
NEXT_LOWER_BEFORE = re.compile(rf"{NEXT_EN}(?:below|under|beneath)\s+(?:the\s+)?$", re.IGNORECASE)
NEXT_HIGHER_AFTER = re.compile(rf"{NEXT_KO}위", re.IGNORECASE)
NEXT_HIGHER_BEFORE = re.compile(rf"{NEXT_EN}(?:above|over)\s+(?:the\s+)?$", re.IGNORECASE)
GRADE_BESIDE_AFTER = re.compile(
    rf"(?:{NEXT_KO}(?:아래|밑|위)|^{RANK_WORD}\s*보다\s*(?:더\s*)?(?:높은|낮은|위|아래|상위|하위))\s*(?:의\s*)?(?:등급|티어)",
    re.IGNORECASE,
)
"""VIP 바로 아래 등급인 12347: that grade is meant, though one customer is."""
THRESHOLD_AFTER = re.compile(
    rf"^{RANK_WORD}(?:\s*[/–-]\s*[A-Za-z가-힣]+)?\s*(?:thresholds?\b|borders?\b|border\s*line|lines?\b|cut-?offs?\b|boundar|mark\b"
    r"|경계|기준|문턱|커트라인|컷)",
    re.IGNORECASE,
)
"""Just below the Gold threshold is about Gold, not about those below."""
NEARLY_BEFORE = re.compile(
    r"\b(?:just|narrowly|slightly|barely|a\s+(?:hair|whisker|touch|shade|smidge|tad|fraction|bit|little|nose|breath))\s+"
    r"(?:below|under|beneath|above|over)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
"""Just below Gold is about Gold as well."""
FELL_BELOW_BEFORE = re.compile(
    r"\b(?:slip|fall|fell|drop|sink|sank|sunk|slid|dip)\w*\s+(?:to\s+)?(?:below|under|beneath)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
FELL_BELOW_AFTER = re.compile(rf"^{RANK_WORD}\s*(?:밑|아래)(?:으)?로\s*(?:떨어|내려|강등|밀려|미끄)")
"""So is who fell below it: from there."""
NO_LONGER_BEFORE = re.compile(r"(?:이제(?:는)?|더\s*이상|지금은)\s*$")
NO_LONGER_AFTER = re.compile(r"^[^.?!]{0,20}\b(?:any\s?more|any\s+longer)\b", re.IGNORECASE)
"""Not Gold any more: from Gold, not all others."""
LOWER_AFTER = re.compile(rf"^{RANK_WORD}\s*(?:보다\s*(?:더\s*)?(?:낮|아래|밑|하위)|미만|아래|밑)", re.IGNORECASE)
OR_BELOW = re.compile(
    rf"^{RANK_WORD}\s*(?:이하|부터\s*(?:그\s*)?(?:아래|밑)|(?:이?랑|와|과|하고|및)\s*그\s*(?:아래|밑|이하))"
    rf"|^{RANK_WORD}[\s,-]*(?:or|and|&)[\s-]+(?:the\s+)?(?:below|lower|worse|under|down|beneath|less)"
    rf"|^{RANK_WORD}\s+downwards?",
    re.IGNORECASE,
)
AT_LEAST = re.compile(
    r"(?:\bat\s+least|\bminimum(?:\s+(?:of|tier|grade|level))*|\bno\s+lower\s+than|최소(?:한)?)\s+(?:(?:a|the)\s+)?$",
    re.IGNORECASE,
)
AT_MOST = re.compile(
    r"(?:\bat\s+most|\bup\s+to\s+and\s+including|\bno\s+higher\s+than|\bmaximum(?:\s+of)?|최대)\s+(?:(?:a|the)\s+)?$",
    re.IGNORECASE,
)
HIGHER_BEFORE = re.compile(
    r"(?:\babove|\bhigher\s+than|\bbetter\s+than|\b(?:customers?|people|everyone|anyone|all|tiers?|grades?"
    r"|are|is|but|and|yet)\s+over)"
    r"\s+(?:the\s+)?$",
    re.IGNORECASE,
)
LOWER_BEFORE = re.compile(r"\b(?:below|lower\s+than|worse\s+than|under|beneath)\s+(?:the\s+)?$", re.IGNORECASE)
NOT_AFTER = re.compile(
    rf"^{RANK_WORD}\s*(?:이상|이하)?(?:은|는|이|가|을|를|만|도)?\s*(?:(?:둘|셋)\s*(?:다|모두)|모두|전부|다)?\s*"
    r"(?:말고|말곤|제외|빼|뺀|아닌|아니고|아니면서|외(?:에|의|\s|인)|이외|없이|열외|"
    r"에\s*(?:안|못)\s*드는|에\s*(?:속하지|들지|해당하지|포함되지)\s*(?:않|못)|에\s*(?:안|못)\s*속)"
    rf"|^{RANK_WORD}\s*(?:(?:are|is|were|being)\s+)?(?:excluded|excepted|aside|apart(?!\s+from)|out\s+of\s+it"
    r"|not\s+included|not\s+counted|left\s+out|taken\s+out|removed|out\b(?!\s+of))\b",
    re.IGNORECASE,
)
NOT_BEFORE = re.compile(
    r"(?:\bnot|\bneither|\bnor|n['’]t|\bexcept(?:ing)?(?:\s+for)?|\bexclud(?:e|es|ed|ing)|\bexcl?\.?"
    r"|\bwithout|\bother\s+than|\bnon-?|\bapart\s+from"
    r"|\baside\s+from|\bbut\s+not|\b(?:any|every|no)(?:one|body|thing)\s+but|\b(?:all|everyone|none"
    r"|any\s+\w+|every\s+\w+|all\s+(?:of\s+)?(?:(?:the|our|my|your)\s+)?\w+)\s+but"
    r"|\bbesides|\bminus|\bignor(?:e|ing)|\bleav(?:e|ing)\s+out|\brather\s+than|\binstead\s+of|\bbar"
    r"|\boutside(?:\s+of)?|\bnever"
    r"|\bskip(?:ping)?|\bomit(?:ting)?|\bbarring|\bsans|\bw/o|(?<!\S)!|\bno)"
    r"\s*(?:(?:in|of|from|with|at|among|come|comes|belong|sit|currently|yet|graded|rated|counting|including|to|the|a|an|any|customers|people"
    r"|members|those|already"
    r"|ones|that\s+are|who\s+are|tier|grade)"
    r"\s+)*$",
    re.IGNORECASE,
)
JOINED_KO = re.compile(
    rf"{RANK_WORD}(?:이상|이하)?\s*(?:이?랑|와|과|하고|및|이?나|도|또는|,|/|·|&|\s)\s*", re.IGNORECASE
)
JOINED_EN = re.compile(
    rf"{RANK_WORD}\s*(?:,|/|&|\bor\b|\band\b|\bn\b|\bnor\b|,\s*(?:or|and|nor)\b)\s*(?:the\s+|a\s+)?", re.IGNORECASE
)
"""What stands between two grades of which the same is said."""
AND_THE_REST = re.compile(
    rf"^{RANK_WORD}\s*(?:(?:이?랑|와|과|하고|및|,|대|vs\.?)\s*나머지(?!\s*\d)"
    r"|(?:with|against|versus|vs\.?|and|to)\s+(?:all\s+)?(?:the\s+)?(?:rest\b(?!\s+of)|others\b|other\s+(?:three\s+)?(?:grades|tiers)\b))",
    re.IGNORECASE,
)
"""A grade beside all the others: VIP랑 나머지 등급, Gold against the rest."""
INSTEAD_BEFORE = re.compile(r"^(?:no[,.!\s]+)*not\s+$", re.IGNORECASE)
"""Not gold, silver: silver is what was meant."""
THROUGH = re.compile(rf"{RANK_WORD}\s*(?:through|thru|~|–|—)\s*", re.IGNORECASE)
FROM_KO = re.compile(rf"{RANK_WORD}\s*부터\s*")
UP_TO_KO = re.compile(rf"^{RANK_WORD}\s*까지")
"""What stands between, and after, two grades that are the ends of several."""

MANY_GRADES = {"two": 2, "three": 3, "두": 2, "세": 3, "2": 2, "3": 3}
NTH_GRADES = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "첫": 1, "두": 2, "세": 3}
TOP_OR_BOTTOM = "top|highest|best|higher|upper|bottom|lowest|worst|lower"
GRADES_BY_PLACE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:(?P<nth>second|2nd|third|3rd)[\s-]+)?(?P<end>top|highest|best|bottom|lowest|worst)[\s-]+"
        r"(?:(?P<many>two|three|2|3)\s+)?(?:customer\s+)?(?:grades?|tiers?|levels?)\b",
        rf"\b(?P<many>two|three|2|3)\s+(?P<end>{TOP_OR_BOTTOM})\s+(?:grades|tiers|levels)\b",
        r"\b(?P<end>higher|upper|lower)\s+(?P<many>two|three|2|3)\s+(?:grades|tiers|levels)\b",
        r"\b(?P<nth>second|2nd|third|3rd)\s+(?:(?:grade|tier|level)\s+)?from\s+(?:the\s+)?(?P<end>top|bottom)\b",
        r"\b(?P<middle>middle)\s+(?:(?:two|2)\s+)?(?:grades?|tiers?|levels?)\b",
        r"(?:(?P<nth>두|세)\s*(?=번째로))?(?P<end>최고|최상위?|최하위?|최저|꼴찌|꼴등|(?:밑)?바닥|꼭대기|(?<!\S)(?:톱|탑)|(?:(?:가장|제일|맨)\s*"
        r"|번째로\s*)(?:높은|위|상위|좋은|낮은|아래|밑|하위|나쁜|안\s*좋은))\s*(?:(?P<many>두|세|2|3)\s*(?:개\s*)?)?(?:등급|티어)",
        r"(?P<end>상위|하위|위쪽|아래쪽|(?<![가-힣])위|(?<![가-힣])아래)\s*(?P<many>두|세|2|3)\s*(?:개\s*)?(?:등급|티어)",
        r"(?P<end>위|아래|밑)에서\s*(?P<nth>두|세)\s*번째\s*(?:등급|티어)",
        r"(?P<end>위|아래|밑)에서\s*(?:첫|두|세)\s*번째\s*(?:등급|티어)?\s*(?:이?랑|와|과|하고|,|및)\s*(?P<nth>두|세)\s*번째\s*(?:등급|티어)",
        r"(?P<end>위|아래|밑)에서\s*(?P<nth>첫|두)\s*번째(?=\s*(?:이?랑|와|과|하고|,|및)\s*(?:두|세)\s*번째\s*(?:등급|티어))",
        r"(?P<end>최상|최하)급",
        r"(?P<end>최상위|최하위)\s*(?:고객|손님|회원)(?:층|군|들)?(?!\s*(?:\d|명단|리스트|순))",
        r"(?P<middle>중간)\s*(?:두\s*)?(?:등급|티어)(?:\s*(?:두|2)\s*개)?",
    )
)
"""Grades by where they stand among all: top grade, the two lower tiers, 하위 두 등급. Groups: the `end` from which they
are counted, from the `nth` on (the first), how `many` (one); or the `middle`."""
NEXT_TO_IT = re.compile(
    r"그\s*(?:바로\s*)?(?:한\s*(?:단계|등급)\s*)?(?P<ko>아래|밑|위)(?:의)?\s*(?:등급|티어)"
    r"|\bthe\s+one\s+(?:right\s+|just\s+|directly\s+)?(?P<en>below|under|above|over)\b(?:\s+(?:it|that|them)\b)?(?!\s+\w+\s+(?:tier|grade))",
    re.IGNORECASE,
)
"""The grade beside the one that was named last."""
FROM_BELOW = re.compile(r"꼴|바닥|나쁜|안\s*좋은|bottom|lowest|worst|lower|최하|최저|낮은|아래|밑|하위", re.IGNORECASE)
OLD_BEFORE = re.compile(r"(?:\b(?:vintage|antique)|빈티지|앤틱|엔틱|앤티크)\s+$", re.IGNORECASE)
PRODUCT_NAMED = re.compile(
    r"[\"'“‘「](?=[^\"'”’」]*\s)(?P<name>[^\"'”’」]{4,60})[\"'”’」]"
    r"(?=\s*(?:이?라(?:는|고\s*(?:적힌|쓰인|써진|적혀|쓰여))\s|이?란\s|(?:이|가)\s*(?:적힌|쓰인|써진)\s|(?:상품|제품))|\s+(?:products?|items?)\b)"
    r"|[\"'“‘「](?=[^\"'”’」]*\s)(?![^\"'”’」]*(?:고객|손님|회원|등급))(?P<bought>[^\"'”’」]{4,60})[\"'”’」]"
    r"(?=\s*(?:[가-힣]{1,5}\s*){0,2}(?:을|를)?\s*(?:산|샀|사신|사간|사는|(?:구매|구입|주문)(?:한|하는|했))(?![가-힣]{2}))"
    r"|\b(?:bought|buys?|buying|purchased|ordered|product|item)\s+(?:(?:the|a|our)\s+)?(?:(?:product|item)\s+)?(?:called\s+|named\s+)?"
    r"[\"“‘'](?=[^\"”’']*\s)(?![^\"”’']*(?:customers|tier|grade))(?P<named>[^\"”’']{4,60})[\"”’'](?![A-Za-z])",
    re.IGNORECASE,
)
"""A product's name in quotes, whatever it says: customers' numbers, grades' names, commands."""
OF_PRODUCT_BEFORE = re.compile(
    r"\b(?:buy(?:s|ing)?|bought|purchas\w+|loves?|loving|likes?|liking|fond\s+of|keen\s+on"
    r"|(?:is|are|be|been|really|so|also|anyone|everyone|people|customers|vips|['’]s|['’]re)\s+into|collect\w*)\s+(?:(?:the|a|any|our|some)\s+)?$",
    re.IGNORECASE,
)
OF_PRODUCT_AFTER = re.compile(
    r"\s+(?!customers?\b|people\b|shoppers?\b|buyers?\b|members?\b|ones?\b|status\b|tier\b|grade\b|level\b"
    r"|group\b|folks?\b"
    r"|spenders?\b|clients?\b|crowd\b|lot\b|and\b|or\b|in\b|than\b|is\b|are\b|do\b|who\b|that\b|last\b"
    r"|this\b|most\b|best\b|during\b|since\b|over\b|after\b|before\b|between\b|from\b|for\b|on\b|at\b|with\b|by\b|so\b"
    r"|buy\w*\b|vips?\b|silvers?\b|bronzes?\b|golds?\b)[a-z]+",
    re.IGNORECASE,
)
"""A colour or metal rather than a grade: who buys gold ribbon."""
METAL = re.compile(r"gold|silver|bronze|골드|실버|브론즈", re.IGNORECASE)
NO_COLOUR = (
    "(?<!로즈)(?<!화이트)(?<!핑크)(?<!옐로)(?<!옐로우)(?<!앤틱)(?<!엔틱)(?<!앤티크)(?<!빈티지)"
    "(?<!스털링)(?<!마리)(?<!샴페인)(?<!퀵)"
)
"""Not behind what makes a colour, a metal or a flower of a grade's name: 로즈골드, 마리골드."""
OF_METAL_AFTER = re.compile(
    r"[\s-]+(?:(?:vintage|antique|mini|hanging|small|large|metal|glass|tea|star|heart|plated|diamante|glitter"
    r"|colou?r(?:ed)?|toned?|t-?light|wrapping|door|photo|picture|drop|hoop|bead(?:ed)?|charm|leaf|print(?:ed)?|stripe[ds]?)[\s-]+){0,3}"
    r"(?:necklaces?|bracelets?|earrings?|rings?|ribbons?|candles?|candlesticks?|holders?|t-?lights?|tealights?"
    r"|lanterns?|lamps?|cutlery|spoons?|forks?|knife|knives|plates?|plated|dish(?:es)?|bowls?|trays?|glass(?:es)?"
    r"|teaspoons?|bottles?|jars?|tins?|jugs?|mugs?|cups?|frames?|mirrors?|clocks?|bells?|beads?|charms?|lockets?|pendants?"
    r"|brooch(?:es)?|tape|paper|foil|stickers?|bunting|balloons?|baubles?|ornaments?|decorations?|knobs?|hooks?"
    r"|hangers?|drawers?|handles?|jewell?e?ry|teapots?|baskets?|boxes|trinkets?|statues?|bags?|coins?|medals?|bars"
    r"|colou?r(?:ed)?|tone|leaf|price)\b"
    r"|\s*(?:색|빛깔|컬러|톤|도금|시세|세대|바(?=[를가는\s?]|$))"
    r"|\s*(?:(?:빈티지|앤틱|엔틱|미니|행잉|하트|별|크리스탈|유리)\s*){0,2}(?:리본|목걸이|팔찌|반지|귀걸이|귀고리|촛대|포장지"
    r"|티라이트|캔들|양초|홀더|액자|접시|쟁반|트레이|머그|찻잔|유리잔|티스푼|스푼|숟가락|포크|나이프|식기|커트러리|테이프|스티커"
    r"|오너먼트|방울|거울|시계|램프|랜턴|단추|손잡이|장신구|주얼리|액세서리|악세서리"
    r"|줄자|커버|틴셀|티\s*글라스|글라스|케이스|파우치|트로피|메달|뱃지|배지|브로치|머리띠|화분|꽃병|바구니|선반|쿠션)",
    re.IGNORECASE,
)
"""What is made of a metal rather than bought by a grade: silver necklace, 골드 포장지."""
OF_ELSE_AFTER = re.compile(
    r"(?:벨|타운|산업|만삭스|러시|미스)|\s*(?:키위|라벨|태그|스티커|석(?![가-힣]{2})|라운지|초대장(?!.{0,4}(?:문구|써|작성|초안|보낼)))"
    r"|\s+(?:medals?|sachs|rush|standard|labels?|stickers?|invitations?|lounges?)\b",
    re.IGNORECASE,
)
"""What is no grade's though its name stands before it: 실버타운, VIP 라벨, gold medal."""
NAME_AFTER = re.compile(r"(?:\s+(?!(?:CUSTOMER|MEMBER|TIER|GRADE|BUYER|VIP)S?\b)[A-Z][A-Z'’-]+){2,}")
"""The rest of a product's name as shops write them: GOLD PRINT PAPER BAG."""

MOVED_ON = r"(?:올라|오른|올랐|승급|승격|진급|진입|편입|합류|들어|입성|신규|달성|된|됐|되었|되는|넘어온|점프)"
MOVED_OFF = r"(?:떨어|내려|빠져|빠진|잃|떠나|떠난|이탈|탈락|벗어|나간|나갔|밀려|쫓겨|미끄)"
TO_AFTER = re.compile(
    rf"^{RANK_WORD}\s*(?:으?로(?!\s*부터)|에\s*{MOVED_ON}|(?:이|가)\s*{MOVED_ON}|까지\s*{MOVED_ON}"
    rf"|\s*(?:으로)?\s*{MOVED_ON})"
    r"|^\s*(?:joiners?|newcomers?|arrivals?|entrants?|entries|promotions?)\b",
    re.IGNORECASE,
)
FROM_AFTER = re.compile(
    rf"^{RANK_WORD}\s*(?:에서|으?로부터|출신|이?였[던다]|이던|(?:을|를)?\s*{MOVED_OFF})"
    r"|^\s*(?:→|->|=>|>|⇒|to\b|into\b)|^\s*(?:leavers?|drop-?outs?|loss(?:es)?|exits?|departures?"
    r"|who\s+(?:left|dropped|fell|slipped))\b"
    r"|^\s*(?:status|grade|tier)?\s*(?:was|were|got|been)?\s*lost\b",
    re.IGNORECASE,
)
FROM_BEFORE = re.compile(
    r"\b(?:from|out\s+of|off|left|leav(?:e|es|ing)|los(?:t|e|es|ing)|exit(?:ed|ing|s)?|quit"
    r"|ceas\w+\s+(?:to\s+be|being)|stopped\s+being"
    r"|no\s+longer|used\s+to\s+be|former(?:ly)?|ex-?)\s*(?:(?:the|their|his|her|its|any|our|a|being|in|of)\s+)*$",
    re.IGNORECASE,
)
TO_BEFORE = re.compile(
    r"(?:\b(?:to|into|onto|join(?:ed|ing|s)?|enter(?:ed|ing|s)?|becam?e|becom(?:es|ing)|reach(?:ed|ing"
    r"|es)?|new(?:ly)?|fresh|turned"
    r"|attained|gained|made\s+it(?:\s+to)?|(?:arriv\w+|new(?:ly)?|newcomers?|land\w*|end\w*\s+up"
    r"|newly\s+\w+|promoted|went)\s+(?:in|at)|making)"
    r"|→|->|=>|⇒|새로운|새로|신규|새)\s*(?:(?:the|a|an|our|be|as)\s+)*$",
    re.IGNORECASE,
)
"""Of a movement, what stands before or after the grade that it goes from or to."""

CUES = (
    *(
        "customer",
        "customers",
        "grade",
        "grades",
        "summary",
        "summarise",
        "summarize",
        "average",
        "compare",
        "strategy",
    ),
    *(
        "message",
        "messages",
        "boundary",
        "similar",
        "percentage",
        "percent",
        "revenue",
        "orders",
        "purchases",
        "purchase",
    ),
    *(
        "dormant",
        "segment",
        "profile",
        "describe",
        "yesterday",
        "spending",
        "spenders",
        "returns",
        "returned",
        "between",
    ),
    *("number", "trend", "total", "sales", "share", "month", "quarter", "customer's", "biggest", "highest", "lowest"),
    *(
        "borderline",
        "uncertain",
        "difference",
        "versus",
        "overview",
        "explain",
        "dropped",
        "moved",
        "joined",
        "monthly",
    ),
    *(
        "weekly",
        "candles",
        "decorations",
        "christmas",
        "what",
        "draft",
        "email",
        "write",
        "active",
        "cooling",
        "freshness",
    ),
    *("cause", "reason", "reasons", "instructions", "downgraded", "upgraded", "strategies"),
    *("bronze", "silver", "proportion", "rejected", "stream", "data", "model", "version", "last", "week", "help"),
)
"""English words whose misspellings are put right."""
KOREAN_CUES = (
    "등급",
    "고객",
    "요약",
    "전략",
    "메시지",
    "평균",
    "비교",
    "비율",
    "비중",
    "합계",
    "추이",
    "매출",
    "경계",
    "상위",
    "브론즈",
    "실버",
    "골드",
)
"""Korean words whose misspellings by one letter are put right."""
