"""The words by which a question tells what it asks for, in Korean and English."""

import re


def words(korean: str, english: str) -> re.Pattern[str]:
    """Korean stands anywhere, for its words carry endings; English stands as whole words."""
    return re.compile(rf"{korean}|\b(?:{english})\b" if korean else rf"\b(?:{english})\b", re.IGNORECASE)


HELP = words(
    r"도움말|사용\s*(?:법|방법)|헬프|(?:뭘|뭐를?|무엇을|어떤\s*(?:걸|것을?|질문|기능)|무슨\s*질문).{0,8}(?:물어|질문|할\s*수|쓸\s*수|가능|되)"
    r"|어떻게\s*(?:쓰|사용|이용|물어|질문)|(?:질문|사용)\s*(?:예시|예제|샘플)|예시\s*질문|^안녕|할\s*수\s*있는\s*(?:게|것|일|질문)"
    r"|기능\s*(?:이|을|은|좀)?\s*(?:뭐|알려|설명|안내|소개)|처음\s*(?:인데|써|이라|왔|이에요|사용)|뭐\s*할\s*(?:수|줄)|무슨\s*일을?\s*(?:해|할)|매뉴얼|가이드|(?:어떤\s*식으로|어떻게)\s*(?:작동|동작|쓸|적|입력|말)|질문(?:은|을)?\s*어떻게",
    r"help(?!\s+(?:\w+\s+){0,3}(?:message|e-?mail|strategy))|what can (?:i|you|this|we)\b.*|what (?:are|is|were) (?:you|this|it) (?:able|capable|for)"
    r"|what (?:sort|kinds?|types?) of (?:questions|things)|what questions|example questions|sample questions|(?:questions?|things) (?:can|could|may) i"
    r"|how (?:does|do) (?:this|it|you|i use|i ask|i start)\b.*|how (?:to|do i) use|where do i (?:start|begin)|get(?:ting)? started|how should i (?:ask|phrase|use)"
    r"|what do you (?:do|know|understand)|what does this (?:do|tool|app|page)|instructions|manual|tutorial|user guide|hi|hello|hey there|your (?:features|capabilities)"
    r"|explain how (?:to|this|you)|show me (?:some )?examples?|give me (?:some )?examples? of",
)
SMALL_TALK = re.compile(r"^(?:hi|hello|안녕)", re.IGNORECASE)

HEALTH = words(
    r"데이터\s*(?:가|는|은|를|에|의)?\s*(?:최신|신선|언제|상태|이상|문제|점검|품질|반영|갱신|업데이트|지연|정상|밀|늦|누락|들어|까지|잘)|최신\s*(?:데이터|상태|이야|인가|인지|맞)"
    r"|스트림|스트리밍|파이프라인|지연\s*(?:시간|이|은|얼|되|돼|있)|얼마나\s*(?:지연|밀|늦)|거(?:부|절)된?\s*(?:메시지|메세지|주문|건|데이터|이벤트)?|반려|랙|lag"
    r"|모델\s*버전|(?:어떤|무슨|어느)\s*모델|모델\s*(?:이|은|는)?\s*(?:뭐|몇|무엇)|언제\s*(?:까지|기준)|기준\s*시각|마지막\s*(?:으로)?\s*(?:반영|갱신|업데이트|수집|적재|커밋|처리)"
    r"|실시간\s*(?:으로)?\s*(?:반영|이야|맞|인가|데이터|처리)|업데이트\s*(?:됐|되|언제|시각|시간)|(?:주문|메시지|데이터)\s*(?:가|이)?\s*(?:잘\s*)?(?:들어오|수집)|시스템\s*(?:상태|정상)|색인|인덱스|오류\s*(?:없|있|건)|배치\s*(?:처리)?\s*(?:상태|시간|잘)"
    r"|수집\s*(?:상태|잘|되)|동기화|헬스\s*체크|몇\s*분\s*전\s*데이터",
    r"data (?:fresh\w*|quality|health|status|up|current|lag|delay|issues?|problems?|stale|ok|okay|complete|recent|pipeline|feed|late|latency|arriv\w+)|(?:is|are|how) (?:the |our |your |my |this |these )?(?:\w+ )?(?:data|numbers|figures|tables|grades) (?:\w+ )?"
    r"(?:fresh|up[\s-]to[\s-]date|current|stale|recent|live|old|ok|healthy|real[\s-]?time|late|delayed|complete|right now|reliable|updated)|up[\s-]to[\s-]date|stream(?:ing)?|pipeline|ingest\w*|lag(?:ging)?|latency|delay(?:ed|s)?"
    r"|reject(?:ed|ions?)|malformed|refused messages?|which (?:version of the )?model|what model|model version|version of the model|freshness|fresh|stale|out of date|outdated|last (?:updated?|refresh\w*|commit\w*|order (?:processed|seen|ingested|came|arriv\w+|received|recorded))"
    r"|latest (?:order|data|commit|update) (?:\w+ )?(?:processed|seen|arriv\w+|received|came|in)|(?:when|how long ago) (?:was|were|did) (?:the |this |these |our )?(?:\w+ )?(?:data|tables?|numbers|last|latest|most recent|grades|page)|(?:how )?(?:old|recent) (?:is|are) (?:the|this|these|our) (?:data|numbers|figures|tables?)"
    r"|data as of|system (?:status|health|ok)|health ?check|backlog|bad (?:messages?|events?|records?)|invalid (?:messages?|events?|records?|orders)|dead letters?|data problems?|real[\s-]time|in sync|index (?:fresh|status|up)|still (?:running|flowing|coming in|arriving)",
)

FORBIDDEN = words(
    r"전화\s*번호|연락처|휴대폰|핸드폰|이메일\s*주소|메일\s*주소|(?<!메일\s)(?<!메일)주소|(?:고객|손님|분|님|회원)(?:의)?\s*(?:이름|성함|성명|실명)|이름(?:이|은|을|을)?\s*(?:뭐|알려|무엇)|생년월일|주민(?:등록)?\s*번호|생일이\s*언제|카드\s*번호|계좌|비밀\s*번호|나이가?\s*(?:몇|어떻)|개인\s*정보"
    r"|(?:이메일|메일)(?:이|은|을)?\s*(?:뭐|알려|무엇|좀\s*알)|삭제|지워|(?:등급|데이터|금액|정보)(?:을|를|은)?\s*(?:\S+\s*)?(?:바꿔|변경해|수정해|올려\s*(?:줘|주)|내려\s*(?:줘|주)|조작|고쳐)|(?:로|으로)\s*(?:바꿔|변경해|수정해|설정해|승급\s*시켜|올려\s*(?:줘|주세요)|지정해|강등\s*시켜|업데이트해)|강제로"
    r"|예측|예상|(?:내일|모레|다음\s*(?:주|달|분기|해)|내년|앞으로|향후).{0,14}(?:매출|주문|살|구매|될|얼마|올까|떨어|몇)|이탈\s*(?:확률|할\s*확률|가능성|위험\s*확률|예정)|이탈할\s*(?:확률|가능성)|떠날\s*(?:확률|가능성)|(?:다시\s*)?(?:살|올|구매할)\s*(?:확률|가능성)|(?:시스템|너의|네)\s*(?:프롬프트|지시)|프롬프트|지침\s*(?:무시|보여|공개)|무시하고|추가해\s*줘|등록해",
    r"(?:phone|telephone|mobile|cell|contact|fax)(?: ?numbers?| details| info\w*)?|(?:home |postal |e-?mail |street |billing |mailing |shipping )?address(?:es)?|where does .* live|real names?|full names?|(?:customers?'?s?|\d+'?s) names?|names? (?:of|behind) (?:the )?(?:customers?|\d+)|birth ?da(?:y|te) of|date of birth|born|credit card|card number|bank|passwords?|personal (?:data|details|info\w*)|how old is"
    r"|(?:what(?:'s| is)|give me|show|need|have|get) (?:me )?(?:the )?e-?mails? (?:of|for)|e-?mail of|\d+'s e-?mail|delete|remove (?!\w+ from the comparison)|erase|wipe|drop table|(?:set|change|update|edit|modify|make|upgrade|downgrade|promote|demote|move|put|bump|switch|raise|override|force|turn) (?:the )?(?:grade|customer|order|price|data)?\s*(?:of )?(?:customer )?#?\d{3,}.{0,24}\b(?:to|as|into|a|the|back)\b.*|(?:set|override|change) .{0,30}(?:grade|tier) (?:to|by hand|manually)|overwrite|manually|insert|refund (?:order|customer|\d+)|cancel (?:order|the order|their)"
    r"|predict\w*|forecast\w*|will (?:\d+|customer|they|he|she|we|it|sales|revenue|our|the|vips?|gold|silver|bronze|next)\b.*|going to (?:leave|churn|buy|be|order|spend)|next (?:week|month|year|quarter|season|christmas)|tomorrow|churn\w*|(?:probability|chance|likelihood|odds|likely) (?:of|that|to) .*(?:leav|churn|buy|return|order|come|quit)\w*.*|likely to (?:leave|quit|buy|stop)|system prompt|your (?:prompt|instructions|rules)|ignore (?:all|your|previous|the|any)|jailbreak|prompt",
)
OFF_TOPIC = words(
    r"날씨|기온|미세먼지|주가|주식|비트코인|코인|환율|뉴스|정치|대통령|선거|투표|축구|야구|월드컵|(?<!콘)시\s*(?:한\s*편|를?\s*써|하나)|소설|노래|영화|드라마|맛집|점심|저녁\s*(?:메뉴|뭐)|레시피|요리|농담|운세|로또|번역|파이썬|자바|코드|코딩|알고리즘|수학|미적분|경쟁(?:사|업체|사의)|아마존|쿠팡|네이버\s*(?:쇼핑|매출)|여행|비행기|호텔|의사|병원|두통|다이어트|연봉|채용|인공지능\s*(?:이|은)|너\s*(?:는|몇)\s*(?:누구|살)|게임|퀴즈|수도(?:는|가)|역사|철학|스포츠|강아지|고양이|몇\s*시야|지금\s*몇\s*시|직원|급여|재고|배송|택배|세금|임대료",
    r"weather|temperature|rain(?:ing)?|umbrella today|stock (?:price|market)|share price|bitcoin|crypto\w*|exchange rate|news|politic\w*|president|elections?|vote|football|soccer|world cup|poem|haiku|novel|story|song|lyrics|movies?|films?|restaurants?|lunch(?! ?box\w*)(?! bags?)|dinner|recipes?|cook|joke|horoscope|lottery|translate|python|java(?:script)?|code|coding|algorithm|sql|program|math|integral|square root|competitors?(?:'s)?|amazon|ebay|tesco|travel|flights?|hotel|doctor|headache|diet|salary|salaries|hire|hiring|capital of|history of (?!orders|purchases)|philosophy|sports?|dog|cat|employees?|staff|payroll|inventory|in stock|stock level|delivery|shipping|tax(?:es)?|rent|who won|meaning of life|homework|essay|cv|resume|what time is it|favou?rite",
)

MESSAGE = words(
    r"메\s*[시세]\s*지(?!.{0,6}(?:거부|거절|반려|지연))|문구|문자(?!열)|알림\s*톡|친구\s*톡|카톡|카카오\s*톡|이메일|메일|푸시|편지|카피|초안|안내문|감사\s*인사|(?:쿠폰|할인|감사|생일)\s*(?:안내|인사)\s*(?:써|작성|보내)|홍보\s*글|(?:에게|한테|께)\s*보낼|보낼\s*(?:것|글|거|만한)|써\s*줘|작성해|인사말|뉴스레터",
    r"messages?|e-?mails?|mail|texts?|sms|newsletter|push notifications?|notification|promo(?:tional)? copy|copy for|copy|letter|to send|write something|note to|a note|draft\w*|word a|wording|write (?:to|something (?:to|for))|thank[\s-]?you (?:note|card)|slogan|caption|blurb|dm|whatsapp|kakao\w*",
)
REJECTED = words(r"거(?:부|절)|반려", r"reject\w*|malformed|dead letters?|refused|invalid|incoming|bad messages?")
STRATEGY = words(
    r"전략|방안|대책|어떻게\s*(?:관리|대응|대해야|대하|유지|공략|키워|잡|챙|다뤄|다루|접근|하면\s*좋|해야|활성화|붙잡|늘리)|(?:관리|대응|마케팅|공략|유지|육성|활성화)\s*(?:법|방법|방안|전략|팁|플랜|계획|포인트|아이디어)|뭘\s*(?:해\s*(?:줘야|주면|야)|하면\s*좋)|무엇을\s*(?:해야|하면)|캠페인|어떤\s*(?:혜택|프로모션|액션|조치|마케팅|이벤트).{0,8}(?:좋|해야|주|필요|효과)|플랜|액션\s*(?:아이템|플랜)?|운영\s*(?:계획|방향)|추천\s*(?:액션|활동)|조언",
    r"strateg\w+|how (?:should|do|can|could|might|would|shall|best) (?:i |we |you |one |our |to )*(?:treat|keep|retain|handle|manage|grow|nurture|approach|reward|target|win|engage|market|deal|look after|take care|serve|turn|convert|reactivate|activate|encourage|get|bring|move|develop|motivate|nudge|work with|speak to|talk to|make)\b.*"
    r"|what (?:should|can|could|shall|would|might|to|do) (?:i|we|you|do)?\s*(?:do|offer|try|give|recommend|suggest|advise)\b.*|(?:best|right|good|smart) (?:way|approach|action|actions|thing|things|tactic|tactics|move|plan|campaign|next step)\w*|tactics?|recommend\w* (?:doing|for|action|actions|campaign|plan|something)|what actions|action plan|next steps|(?:game ?|marketing |retention |growth |loyalty |campaign )plans?|plans? for|(?:marketing|campaign|retention|promotion|loyalty) ideas?|ideas? (?:for|to)|advice|advise|budget|invest\w*|campaigns?|playbook|approach (?:for|to)|(?:worth|should be) (?:doing|offering)|suggest\w* (?:for|how|something|some|a|what|an|actions?|ideas?)|tips",
)
WHAT_IF = words(
    r"되려면|필요(?:한|해|하)|가려면|오르려면|올라가려면|올리려면|되기까지|되기\s*위|되게\s*하려면|이\s*되려|만들려면|까지\s*(?:얼마|몇|뭐가|무엇이|어느|남|필요)|얼마(?:나)?\s*(?:더|남)|(?:뭐가|무엇이|얼마가|몇\s*번)\s*(?:더\s*)?(?:필요|모자|부족)|더\s*(?:사|쓰|구매|주문|결제).{0,4}면|(?:주문|구매|결제|사용|지출|구입)(?:을)?\s*(?:더\s*)?(?:한다면|하면|했다면)|(?:사|쓰|산다|쓴다|샀다|썼다)면|만약|가정|시뮬|(?:에|로|으로)\s*(?:도달|진입|승급|올라가|올라)\w*\s*(?:하려면|려면|조건|하는\s*데|까지|기\s*위)|조건(?:이|은|을)?|부족한|모자란|모자라|한다면",
    r"what (?:would|does|will|do) (?:it|\w+|customer \w+) (?:take|need|require|have to)\b.*|what(?:'s| is) (?:needed|missing|required|still)\b.*|what must\b.*|(?:would|could) .*\b(?:lift|push|bump|bring|move|get|land|raise)\b.*|where does the grade|say (?:customer )?#?\d{3,}\b.*|to (?:get|move|go|make it) (?:up )?to\b.*|extra [£$€]?\d+\b.*|what if|if (?:customer )?#?\w+ (?:buys|bought|orders?|ordered|spends?|spent|placed|places|made|makes|were to|came|purchased?|purchases|returned?|adds?|added)\b.*|suppose|assum\w+|simulat\w+|hypothetical\w*|how (?:far (?:is|are|off|away|from)|close|near|many more|much more|much extra|much further|much additional|short|much does|many (?:purchases|orders) (?:does|would|until|till|more))\b.*|how (?:can|could|does|do|would|might) (?:customer )?#?\d+ (?:get|become|reach|make|move|rise|climb|be)\b.*|needs? (?:\w+ ){0,4}(?:to (?:become|reach|be|get|make|hit|move)|for|until|before)\b.*|(?:to|in order to) (?:become|reach|get to|be|make it to|be promoted|qualify|hit) |(?:becom\w+|reach\w*) (?:a )?(?:bronze|silver|gold|vip)|away from|missing (?:for|to)|spend to|more (?:orders?|purchases?) (?:would|to|and)|another [£$€]?\d+|qualif\w+",
)
SIMILAR = words(
    r"비슷|유사|닮|같은\s*(?:고객|손님|사람|분|패턴|부류|유형|타입|성향)|처럼\s*(?:사|구매|행동|쇼핑|주문|쓰|소비)|룩얼라이크|가까운\s*(?:고객|손님|사람)",
    r"similar\w*|lookalikes?|look-alikes?|alike|resembl\w+|like (?:customer )?#?\d{3,}|(?:else|others?|more|people|customers) like (?:that|this|them|him|her|it)|(?:shops?|behaves?|buys?|acts?|spends?|orders?) (?:the way|just |much |a lot |the same |most )?(?:like|as)|same (?:kind|type|sort|pattern|profile|behaviou?r|habits|way)|the way (?:customer )?#?\d+|nearest|closest|comparable|twins?|doppelg\w+|peers?|match(?:es|ing)? (?:customer )?#?\d+|in the same mou?ld|neighbou?rs?",
)
COMPARE = words(
    r"비교|차이|대비|나란히|누가\s*(?:더|나)|어느\s*(?:쪽|등급|고객|분)이?\s*(?:더|나)|뭐가\s*(?:달라|다르|다른)|어떻게\s*(?:달라|다르|다른)|다른\s*점|(?:보다|쪽이)\s*(?:더\s*)?(?:많|적|높|낮|늘|줄|나)|견주|둘\s*중",
    r"compar(?:e|es|ed|ing|isons?)|versus|vs|differ\w*|side[\s-]by[\s-]side|against|next to|which (?:of (?:the two|them)|one|is|customer|grade|month|period|week|quarter|group|tier) .*(?:better|more|higher|bigger|stronger|ahead|best)|better (?:customer|month|week|quarter|than)|stack up|contrast|relative to|(?:more|less|higher|lower|better|worse|bigger) .*\bthan\b.*|than|gap between|set .* beside",
)
MOVED_DOWN = words(
    r"떨어|하락|강등|내려\s*(?:가|간|온|갔|왔)|빠(?:진|져|졌|지)|밀려\s*(?:난|났)|추락|이탈(?!\s*(?:확률|가능|할|위험))|잃은|하향|다운그레이드|다운",
    r"drop(?:ped|ping|s)?|fell|fall(?:en|ing|s)?|slip(?:ped|ping|s)?|downgrad\w+|demot\w+|moved? down|went down|going down|slid|lost|lose|losing|left|leav\w+|leave|declin\w+|exit\w*|out of|down from|sank|down ?grades?",
)
MOVED_UP = words(
    r"올라(?:온|간|왔|갔|선|섰|가)|상승|승급|승격|오른|올랐|진급|상향|업그레이드|승진",
    r"ros?e|risen|moved? up|went up|climb\w*|upgrad\w+|promot(?:ed|ions?)|rising|up ?grades?|step(?:ped)? up|advanc\w+|move up|gone up",
)
MOVED_IN = words(
    r"새로\s*(?:들어|된|올라|진입|편입|생긴|유입)|신규\s*(?:진입|편입|VIP|골드|실버|브론즈)|진입|편입|들어온|들어왔|합류|유입|(?:이|가)\s*된\s*(?:고객|사람|손님|분|사람들)|(?:된|됐던|되었던)\s*(?:고객|사람|손님|분|인원)|되었|됐|VIP된|골드된|실버된|달성",
    r"join\w*|enter\w*|became|become|new (?:vips?|golds?|silvers?|bronzes?)|newcomers?|new(?:ly)? (?:\w+ )?(?:in|to|into)|newly|turned|made it (?:to|into)|moved (?:in)?to|got into|came into|arrived|reached|went (?:in)?to|gained",
)
MOVEMENT = words(
    r"이동|등급\s*(?:변동|변화|변경|이\s*바뀐|이\s*변한|바뀐|변한)|(?:변동|바뀐|변경된)\s*(?:고객|사람|손님|내역|현황|인원)|전환된?|옮긴|옮겨|오르내",
    r"mov(?:ed?|ements?|es|ing)|grade changes?|changed (?:grade|tier|their grade|from|between)|transition\w*|switched|shift(?:ed|s)?|migrat\w+|changes? (?:in|of) grades?|churned",
)
WHY = words(
    r"왜|이유|까닭|원인|근거|어째서|어쩌다|때문|무슨\s*일|배경이",
    r"why|reasons?|grounds|how come|because|cause[ds]?|what made|what (?:led|brought|caused|drove|happened)|explain(?:s|ed)?|explanation|justif\w+|on what basis|basis|for what",
)
BOUNDARY = words(
    r"경계|못\s*정|자신\s*(?:이|있게)?\s*(?:없|못)|애매|모호|불확실|확실(?:하지|치)\s*않|확신(?:이|하지)?\s*(?:없|못|낮)|아슬|간당|턱걸이|걸쳐|걸친|사이에\s*(?:있|낀)|등급\s*확률이?.{0,8}(?:낮|안\s*되|미만|이하)|확률이?\s*(?:0\.\d+|\d+\s*%)?\s*(?:도|보다|이하|미만|안|낮)|헷갈|왔다\s*갔다|반반|확신도|불분명",
    r"boundar\w+|borderline|on the (?:edge|fence|line|border|cusp|verge|brink)|edge (?:cases?|between)|uncertain\w*|unsure|not (?:so |very |quite |really |at all )?(?:sure|certain|clear|confident)|isn'?t (?:sure|certain|clear|confident)|aren'?t (?:sure|certain|clear|confident)|unclear|ambiguous|between (?:grades|tiers|two grades)|low (?:\w+ )?(?:confidence|certainty|probabilit\w+)|confidence (?:is |under |below )?(?:low|under|below)|in[\s-]between|could go either way|either way|wobbl\w+|shaky|doubtful|hard to (?:grade|place)|least (?:sure|certain|confident)|probability (?:below|under|less)|undecided|toss[\s-]?up|marginal|cusp|straddl\w+|just (?:barely|about)|barely",
)
TREND = words(
    r"추이|추세|흐름|트렌드|동향|그래프|(?:월|주|일|날짜|분기|요일|달)\s*(?:별|마다)|매\s*(?:월|주|일|달)|변화|변해|변했|달라졌|변동|어떻게\s*(?:움직|바뀌|늘|줄|돼\s*왔|되어\s*왔|가고)|(?:늘|줄)어?\s*(?:고\s*있|들고|나고|어나|었)|증감|증가|감소|성장|시계열|시간(?:에|이)\s*(?:따라|지나)|히스토리|이력|오르고|내리고|줄고|늘고",
    r"trends?|trending|over time|by (?:day|week|month|date)|(?:per|each|every) (?:day|week|month)|monthly|weekly|daily|month[\s-](?:by|over|on|to)[\s-]month|week[\s-](?:by|over|on|to)[\s-]week|day[\s-](?:by|over|on|to)[\s-]day|develop\w*|evol\w+|histor(?:y|ical|ically)|timeline|time series|chart|graph|plot|curve|going (?:up|down)|gone|growing|grow(?:n|th)|shrink\w*|shrunk|rising|falling|chang(?:e|ed|ing) (?:over|since|lately|this|in the|during|recently)|how (?:have|has|did|is|are) .*(?:chang\w+|mov\w+|go(?:ne|ing)|look\w* (?:over|lately|recently|since|this)|perform\w*|been|progress\w*|vary|varied|fluctuat\w+)|progress\w*|trajectory|fluctuat\w+|increasing|decreasing|increased|decreased|up or down|run rate|course of",
)
SHARE = words(
    r"비율|비중|퍼센트|퍼센티지|프로(?:나|야|인가|예요|에요|정도|를|가)|%|차지|점유|몇\s*(?:할|프로|퍼)|백분율|구성비|분포|몇\s*분의|얼마만큼을|중에\s*얼마나",
    r"shares?|percent\w*|proportions?|fractions?|%|ratio|what part|how much of|how large a part|make up|makes up|account(?:s|ed)? for|out of all|portion|distribution|pct|slice|come[s]? from|came from|contribut\w+",
)
MEAN = words(
    r"평균|객단가|인당|(?:한\s*명|1명|한\s*사람|한\s*건|건|주문|고객)\s*당|보통\s*(?:얼마|몇)|대체로\s*(?:얼마|몇)",
    r"averag\w*|avg|mean|typical(?:ly)? (?:\w+ )?(?:spend|order|basket|amount|number|purchase|come|value|cost)|per (?:customer|order|head|person|purchase|basket|client|capita|buyer)|on average|aov|usual (?:order|basket|spend)|each (?:customer|vip|order) (?:spend|buy|worth)\w*",
)
TOP = words(
    r"상위|하위|톱|탑|제일|가장|최고|최대|최저|(?:액|금액|매출|지출)\s*(?:이|가)?\s*(?:큰|높은|많은|적은|낮은)|최소|최다|순위|랭킹|(?:많이|자주|오래|크게|적게|높은|낮은|큰|작은|많은|적은|오래된|최근)\s*(?:순|순서|순으로)|베스트|워스트|1위|1등|내림차순|오름차순|큰\s*손|(?:위|등)까지|순(?:으로|서로|위)|\d+\s*(?:명|분|위)\s*(?:만|뽑|추려|보여|알려|리스트|목록|골라|까지)|단골\s*(?:순|왕)|많이\s*(?:쓴|산|구매한|주문한|지출한|반품한|사는)\s*(?:고객|사람|손님|분)",
    r"top|bottom|highest|lowest|largest|smallest|best|worst|biggest|most|least|rank\w*|leaderboard|longest|heaviest|leading|greatest|spenders?|fewest|first \d+|oldest|newest|latest buyers?|big ticket|sorted|order(?:ed)? by|by (?:spend\w*|revenue|orders|purchases|frequency|recency)|frequent (?:buyers?|shoppers?|customers?)|the \d+ (?:vips?|golds?|silvers?|bronzes?|customers?|people|buyers?)|number one|no\.? ?1|who (?:buys|orders|shops|spends|bought|ordered|spent|returns|returned) (?:the )?(?:most|least|more|more often)",
)
SUM = words(
    r"합계|총(?:액|합|\s|매출|금액|구매|지출|반품|환불)|전체\s*(?:금액|매출|구매|지출|반품|합)|모두\s*(?:얼마|합)|다\s*(?:합|더)|매출|수익|판매액|판매\s*금액|얼마(?:나)?\s*(?:썼|쓴|벌|팔|사|구매|지출|반품|환불|냈|들어|나왔|야|예요|에요|인가|입니|이야|였|죠|지|일까|어치)|얼마\??$|(?:금액|지출|구매액|반품액|환불액|소비)(?:이|은|는|을|를)?\s*(?:얼마|총|모두|합|알려|보여)|반품액|환불액|환불\s*금액|반품\s*금액|누적\s*(?:금액|매출|구매)|벌었|팔았|팔린|벌어",
    r"total\w*|sum|revenue|sales|turnover|how much|altogether|takings?|took in|take in|income|earn\w*|gross|net|spending of|amount (?:spent|of|returned|refunded)|grand total|overall spend\w*|in total|money (?:came|made|spent|returned|back)|value of (?:returns|orders|all)|combined|sold|refund(?:s|ed)? (?:total|amount|value)|worth of",
)
COUNT = words(
    r"몇\s*(?:명|건|개|분|사람|번|회|차례|곳)|(?:고객|인원|주문|건|사람|손님|회원|구매|구매자|가입자|명|단골|사용자|반품)\s*(?:수|숫자)(?![\s가-힣]*(?:당|준))|몇이|인원|건수|명수|머릿수|얼마나\s*(?:많|있|되)|수(?:가|는|를|도|만)?\s*(?:얼마|몇|알려|궁금|세|집계)|카운트|집계|세어|(?:은|는|이|가)\s*총\s*몇|있는지\s*세|총원",
    r"how many|total (?:number of )?(?:customers|orders|people|buyers)|number of|count\w*|headcount|(?:total|the) number|tally|how large is|how big is|size of|no\. of|# of|quantity of|amount of (?:customers|orders|people)|volume of orders|order volume|how numerous",
)
THEME = words(
    r"(?:을|를|만|도|이나|나|랑|용품|제품|상품|류|템|품)?\s*(?:자주|주로|많이|즐겨|꾸준히|좋아서|잘|한\s*번이라도|최근)?\s*(?:사는|산|사간|사\s*가는|샀던|구매하는|구매한|구입하는|구입한|좋아하는|좋아할|즐겨\s*찾는|찾는|관심\s*(?:있|많|을|가질)|선호하는|모으는|주문하는|주문한|담는|살\s*만한|쓰는|애용하는)\s*(?:\S+\s*)?(?:고객|손님|사람|분|VIP|골드|실버|브론즈|단골|회원|이들|구매자)|취향|관심|누가\s*(?:사|구매|살|찾|좋)|좋아하는|즐기는|꾸미기|(?:을|를)\s*(?:누가|사는\s*(?:게|건)|산\s*(?:게|건)|많이\s*사|샀|구매한\s*적|좋아하|즐겨)|구매자|(?:사는|산|구매한|구입한)\s*(?:사람|고객|손님|분)|누가\s*\S+.{0,12}(?:사|구매|샀)",
    r"(?:who|which (?:\w+ ){0,3}|customers?|people|vips?|golds?|silvers?|bronzes?|shoppers?|buyers?|those|anyone|anybody|everyone|members?|clients?|users?|regulars|folks|ones)\s+(?:who |that |which |are |is |mainly |mostly |often |usually |regularly |always |might |would |also |have |has |ever |keep |really |do |seem to |tend to |frequently |likes? to )*(?:buys?|bought|buying|purchas\w+|likes?|loves?|loving|liking|into|interested|fond|keen|collect\w*|ordered|orders?|ordering|picks?|go(?:es)? for|shop(?:s|ping)? for|prefer\w*|enjoy\w*|stock(?:s|ing)? up|fans?|shown? interest|want|crazy about)\b|fans of|buyers of|(?:\w+ )(?:lovers|fans|buyers|collectors|enthusiasts|shoppers)|interest(?:ed)? in|taste for|a thing for|with a (?:taste|preference|passion)|(?:into|fond of|keen on) |who (?:would|might|could) (?:like|want|be interested|buy)|bought (?:a |any |our |the |some )?\w+",
)
SUMMARY = words(
    r"요약|정리|어떤\s*(?:고객|사람|분|손님|스타일|식|성향|유형|타입|쇼핑|회원)|누구|특징|특성|프로필|소개|설명|어때|어떠|어떻|브리핑|한\s*눈에|개요|정보|알려|보여|성향|상태|궁금|현황|파악|살펴|조회|분석|전반|대해",
    r"summar\w+|about|tell me|who(?:'s| is| are)?|describe|description|overview|profile|brief\w*|what (?:is|are|kind|sort|type|do|does|should i|can you)|look like|like|show|rundown|recap|snapshot|picture|facts?|know|info\w*|detail\w*|report|story|sum up|at a glance|characteri\w+|background|portrait|sketch|introduce|behave|run me through|walk me through|review|situation|key points|give me",
)
PROFILE = words(
    r"특징|특성|특색|프로필|성향|어떤|어때|어떻|어떠|누구|설명|소개|알려|보여|현황|통계|요약|전형|모습|패턴|공통점|개요|분석|정리|살펴|대해|정보|궁금|조회|행동|보고|브리핑|파악|구성|한\s*눈",
    r"like|profiles?|describe|description|characteri\w+|features?|traits?|typical\w*|look|who|about|show|overview|summar\w+|behav\w+|picture|tell me|segment|persona|know|what (?:is|are|do|makes|sort|kind|type)|define[sd]?|explain|in common|patterns?|habits?|portrait|sketch|usual\w*|snapshot|rundown|info\w*|details?|report|composition|brief|give me|stands? out|walk me|run me|tend",
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
    r"주문\s*(?:수|건|량|은|이|을|몇|추이|흐름|변화|현황|트렌드|trend|횟수|들)?|구매\s*(?:건수|건|가\s*몇)|건수|몇\s*건|오더|거래\s*(?:수|건)",
    r"orders?|transactions?|(?:number of|how many) purchases|purchases (?:were|did|have|made|in|on|per|by|last|this|yesterday|today|trend|were)|purchases|invoices?",
)
MONEY = words(
    r"매출|금액|돈|쓴|썼|쓰는|써\s*준|구매액|지출|소비|수익|결제|판매액|큰\s*손|얼마|벌|파운드|실적|기여|사\s*준|팔|씀씀이|통\s*큰|VIP\s*매출",
    r"spen[dt]\w*|spending|revenue|sales|money|amounts?|value|turnover|gross|net|income|takings?|took in|take in|earn\w*|£|pounds?|paid|pays?|worth|monetary|bring in|brought in|brings in|big(?:gest)? (?:customers?|buyers?|spenders?)|generat\w+|sold|how much|contribut\w+",
)
RETURNED = words(
    r"반품|환불|되돌려|돌려\s*(?:보낸|받|준)",
    r"returns?|returned|refund\w*|sent back|send back|gave back|given back|brought back",
)
RECENCY = words(
    r"경과|최근성|마지막\s*(?:구매|주문|결제)|오래|오랫동안|안\s*산|안\s*사|구매(?:가|를)?\s*(?:없|안|하지)|며칠|뜸|발길|최근에\s*(?:산|구매|주문|온)|지난\s*지|리센시|최근\s*(?:구매|주문)\s*(?:순|한)|가장\s*최근|제일\s*최근",
    r"recency|since (?:the |their |his |her |they |last |buying|purchas|a purchase|an order|vips)\w*|days since|last (?:bought|purchase|purchased|order|ordered)|longest|not bought|haven'?t (?:bought|ordered|purchased|shopped)|hasn'?t (?:bought|ordered)|(?:most |more )?recent(?:ly)?(?: buyers?| purchas\w+)?|inactive|absent|quiet(?:est)?|latest|days ago|how long (?:ago|since|has|have|is|do|does)|gone (?:the )?longest|long ago|silent|elapsed",
)
FREQUENCY = words(
    r"횟수|자주|빈도|몇\s*번|번\s*(?:사|구매|주문)|회수|구매\s*수|주문\s*수|(?:주문|구매)\s*(?:건수|가)?\s*(?:많|적|최다)|자주|빈번",
    r"frequen\w*|often|times|number of (?:purchases|orders)|(?:most|fewest|least|more) (?:orders|purchases)|purchases?|how many (?:orders|purchases|times)|orders? (?:per|each|count)|orders|repeat|regularly",
)
ORDER_VALUE = words(
    r"객단가|(?:주문|건|한\s*건|결제|구매\s*건)(?:\s*한\s*건)?\s*당|주문\s*(?:평균|금액의?\s*평균)|평균\s*주문\s*(?:금액|액|가)|장바구니|건당|1회\s*(?:주문|구매)(?:당|\s*금액)|주문\s*하나|1건\s*평균|구매\s*1회|한\s*번\s*(?:주문|구매|살).{0,6}(?:평균|얼마)",
    r"order value|aov|per (?:order|purchase|basket|transaction|invoice)|basket|(?:average|typical|mean|avg|usual|typical) (?:\w+ )?(?:order|purchase|basket|ticket|transaction|invoice)(?! (?:count|frequency))|order (?:size|amount|worth)|worth of an order|an? (?:average |typical )?order (?:worth|come|cost)\w*|typical order",
)
LOWEST = words(
    r"하위|최저|최소|가장\s*(?:적|낮|작|안|뜸)|제일\s*(?:적|낮|작|안|뜸)|적게|적은|낮은\s*순|작은\s*순|오름차순|꼴찌|밑에서|최하|조금\s*(?:산|쓴)|덜",
    r"bottom|lowest|smallest|least|worst|fewest|cheapest|weakest|ascending|poorest|low spenders?",
)
MOST_RECENT = words(
    r"(?:가장|제일)\s*최근|최근(?:에)?\s*(?:산|구매한|주문한|온|사간|방문)|최근\s*(?:구매|주문)\s*순|방금",
    r"most recent(?:ly)?|latest|newest|recently|just (?:bought|ordered)|last to (?:buy|order)",
)
DORMANT = words(r"휴면|잠자는|떠난|잠든", r"dormant|sleeping|lapsed|inactive|gone quiet|asleep")
NEW = words(
    r"신규\s*(?:고객|손님|회원|구매자|가입)|새\s*(?:고객|손님)|처음\s*산|새로운\s*(?:고객|손님)|첫\s*구매",
    r"new (?:customers?|buyers?|clients?|shoppers?|people)|first[\s-]time (?:buyers?|customers?)|(?:are|state) new",
)
COOLING = words(
    r"뜸해|뜸한|식어|식은|쿨링|멀어지",
    r"cooling(?:[\s-]off)?|cooled|cool(?:ing)? down|drifting|fading|going quiet|slowing",
)
ACTIVE = words(r"활동\s*(?:중|고객|하는)|활성\s*(?:고객|상태|사용자)?|활발", r"active")

THESE = words(
    r"그\s*중|그\s*(?:고객|손님|사람|분|회원|등급|그룹|들|애|쪽|중|집단|세그먼트|녀석|이들|명단|목록)|이\s*중|(?<![가-힣])이\s*(?:고객|손님|사람|분|들|그룹|등급|중|명단)|그들|이들|저\s*(?:고객|사람|분)|걔|거기서|여기서|그\s*가운데|이\s*가운데|방금\s*(?:그|말|본)|해당\s*(?:고객|등급|그룹)|아까|위\s*(?:고객|명단|목록)|나머지|이분|그분|그게|그건|그거|둘",
    r"(?:of|among|from|for|to|about|between|with|like|in) (?:those|these|them|him|her|it|that|this|that one|which)|them|they|their|those|these|him|her|she|he|his|the same|that (?:customer|grade|group|one|person|list|segment|tier)|this (?:customer|grade|group|one|person|list|segment|tier)|same (?:customer|grade|period|group|question|thing|list|for)|it|its|both|the two|that",
)
AND_WHAT = words(
    r"^그럼|^그러면|^그리고|^그렇다면|^또|^이번엔|^그\s*전|^반대로|(?:은|는|도|이랑|랑)\s*(?:요)?\s*\??$|은요|는요|도요|\S도\s",
    r"^and|^what about|^how about|^then|^so|^ok|^okay|^now|^same|^also|^but|^just|instead|too|as well",
)

GRADE_ALIASES = {"VIP": r"브이\s*아이\s*피|브아이피|v\.i\.p\.?|최우수", "Gold": r"꼴드", "Bronze": r"브론스|동급"}
"""Other ways of writing the grades that come with dangol."""

OR_ABOVE = re.compile(
    r"^\s*(?:등급\s*|고객\s*)?(?:이상|보다\s*높|위(?:로|의|쪽|\s)|부터\s*위|초과|\+)|^\s*(?:grade\s+|tier\s+|customers?\s+)?(?:(?:or|and)\s+(?:above|higher|better|up|over|upwards?)|upwards?|\+)",
    re.IGNORECASE,
)
ABOVE = re.compile(r"보다\s*높|초과", re.IGNORECASE)
OR_BELOW = re.compile(
    r"^\s*(?:등급\s*|고객\s*)?(?:이하|미만|보다\s*낮|아래|밑)|^\s*(?:grade\s+|tier\s+|customers?\s+)?(?:or|and)\s+(?:below|lower|worse|under|down)",
    re.IGNORECASE,
)
BELOW = re.compile(r"미만|보다\s*낮|아래|밑", re.IGNORECASE)
AT_LEAST = re.compile(r"(?:at\s+least|minimum)\s+$", re.IGNORECASE)
BEFORE_ABOVE = re.compile(r"(?:above|higher\s+than|better\s+than|over)\s+(?:the\s+)?$", re.IGNORECASE)
BEFORE_BELOW = re.compile(r"(?:below|lower\s+than|worse\s+than|under|beneath)\s+(?:the\s+)?$", re.IGNORECASE)
NOT_AFTER = re.compile(
    r"^\s*(?:등급|고객|손님|급)?\s*(?:들)?\s*(?:은|는|이|가|을|를)?\s*(?:말고|말곤|제외|빼|아닌|외(?:에|의|\s)|이외|를?\s*뺀|아니고)|^\s*(?:customers?\s+)?(?:excluded|aside|apart|out\s+of\s+it)",
    re.IGNORECASE,
)
NOT_BEFORE = re.compile(
    r"(?:\bnot|\bexcept(?:\s+for)?|\bexcluding|\bwithout|\bother\s+than|\bnon-?|\bapart\s+from|\baside\s+from|\bbut\s+not|\bbut|\bbesides|\bminus|\bignoring|\bleaving\s+out|\bexclude|\brather\s+than|\bleave\s+out)\s*(?:the\s+|customers\s+in\s+|those\s+(?:in|to|from|of|by)\s+|a\s+)?$",
    re.IGNORECASE,
)

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
