"""What gives a kind of talk away: signs in families, for each class. Those of adverts are in `models.advert_signs`.

Every family of a class that is found adds to the log-odds of that class; the second and third sign of a family add a little.
Patterns keep to what RE2 knows (no looking ahead or behind), because that is what counts them; `…` in one stands for at most
eight characters.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """A family of signs of one class."""

    talk: str
    zh: str
    en: str
    weight: float
    pattern: str
    but: str | None
    """What looks like the sign and is its opposite: so many are taken off."""
    more: float


def _sign(
    talk: str, zh: str, en: str, weight: float, *patterns: str, but: str | None = None, more: float = 0.4
) -> Sign:  # fmt: skip
    return Sign(talk, zh, en, weight, "|".join(patterns).replace("…", ".{0,8}"), but, more)


SIGNS: tuple[Sign, ...] = (
    _sign(
        "question", "问号或问句结尾", "ends or is marked as a question", 2.6,
        r"[?？]", r"(?:吗|呢|么|嘛|没有|不)[～~。!！ ]*$", more=0.0,
    ),
    _sign(
        "question", "求助或疑问词", "asks for something", 1.8,
        r"请问|想问|问一下|问下|请教|求助|求(?:推荐|链接|解答|问)|有没有|有人(?:知道|用过|试过|买过)|谁(?:知道|有|能|用过|买过)",
        r"怎么(?:办|样|弄|做|选|存|泡|洗|用|报名|下单|买|回事)|为什么|为啥|哪[里个款家种儿]|多少钱|多久|几[点天号分]|能不能|可不可以|是不是|要不要|好不好|什么时候|啥时候",
        r"\b(?:how (?:do|does|can|to|much|many)|what(?:'s| is| are)|why (?:is|does|do)|anyone|anybody|does anybody|can i|could (?:you|someone)|is there)\b",
    ),
    _sign(
        "answer", "给出做法", "says how to do it", 1.3,
        r"建议|试试|就(?:行|好|可以|够|可|不会|能)|即可|最好|不用|不要|别[^人的处家]|先…再|直接|记得|注意|可以(?:的|先|直接|用|放|煮|冷|带)|用…的话|多半|主要是|因为",
        r"\b(?:you (?:can|could|should|need|have to)|try (?:to|the|it|using)|use the|just (?:use|run|add|set)|instead of|have a look at|take a look)\b",
    ),
    _sign(
        "answer", "凭自己的经验或见解", "speaks from experience", 1.3,
        r"我(?:觉得|一般|建议|的经验|之前|试过|用过|买过|上次|那个|是用|都是)|个人(?:感觉|觉得|认为)|一般(?:是|要|都|来说|\d|[一二两三几])?|应该(?:是|可以|能|会)|印象里|看个人|因人而异|按我的习惯|要我说|同一批|有的[，,]",
        r"\b(?:i (?:think|believe|guess|use|usually|had|did)|in my (?:experience|case)|afaik|iirc|it should|that should)\b",
    ),
    _sign(
        "answer", "指路", "points to where it is", 1.1,
        r"在…(?:里|上|中)(?:有|能|可以|找|看)|点进去|看(?:公告|置顶|回放|说明)|问(?:一下|问|下)?(?:客服|店长|管理员|群主|医生|老师)|(?:查|找)得到|有(?:回放|小包装|货的|教程)",
        r"\b(?:see the|check (?:the|out)|look at|the docs|documented)\b",
    ),
    _sign(
        "sharing", "晒、记录、打卡", "shows or records", 1.8,
        r"打卡|记录一下|作业|分享|晒|开箱|笔记|整理了|复盘|心得|干货|教程|安利|攻略|【[^】]{1,8}】|拍的|交作业|第\S{1,3}天",
        r"\b(?:i (?:made|wrote|built|published|just (?:released|finished|tried))|check out my|here(?:'s| is) (?:my|a|the)|sharing)\b",
    ),
    _sign(
        "sharing", "说自己刚做了什么", "tells what one has just done", 1.5,
        r"终于|到货|收到了|刚(?:刚|到|收|买|泡|做|试|去|从)|今天(?:把|的|就|试|做|泡|去|买|到|烤|第)|昨[天晚]|早上|上周|(?:试|做|泡|学|买|入|淘|翻|换|存|囤|拼|烤|戒|练|带|补|养|打|摆|回购|下单)(?:完|到|出|了|的…收到)|发现|原来是|一直想",
    ),
    _sign(
        "sharing", "说自己的过程与感受", "tells how it went", 0.8,
        r"给自己|进步了|有收获|学到|成功|回来了|好多了|心疼|续命|奖励自己|很有感觉|第[一二三四五六七八九十\d]+(?:次|泡|节|款|步)",
    ),
    _sign(
        "complaint", "东西不好", "something is wrong with it", 2.3,
        r"破(?:了|损|的)|坏(?:了|的)|碎(?:了|多)|发霉|受潮|变质|过期|怪味|异味|有味|假(?:货|的)|次品|掉色|开裂|磕了个|漏(?:了|水|液|发)|质量(?:差|不好|不行|问题|太|很)|做工(?:差|粗)|不(?:新鲜|好吃|好喝|好用|好看|值|耐用|正宗|是正品)|没(?:味|有味道)|难(?:吃|喝|用|闻|看|受|以下咽)|太(?:咸|油|硬|辣|甜|淡|小|薄|脏|差|烂)|不如(?:上次|以前|之前|从前)|不(?:熟|脆|热)|凉了|都凉|冷了|头发|虫",
    ),
    _sign(
        "complaint", "送得慢、少了、错了", "late, missing or wrong", 2.3,
        r"太慢|好慢|很慢|慢死|慢得|还没(?:发|送|收|动静)|没(?:到|动|收到|送到|发货|给我?|有送)|没收|等了…(?:小时|天|分钟|周)|迟到|超时|晚了|送错|发错|少(?:送|发|了|给)|错(?:了|发)|取消|催了|缺(?:货|少)|丢(?:了|件)",
    ),
    _sign(
        "complaint", "没人管、态度差", "nobody cares, or rudely", 2.2,
        r"没(?:人|有人)(?:回|理|管|处理|接)|一直(?:没|不)|不(?:回|理|管|处理|解决|接电话|给退)|态度(?:差|不好|恶劣|很差|太差)|服务(?:差|太差|很差|不好|态度差)|客服(?:差|没|不)|谁(?:处理|管|负责)|能管管|敷衍|推(?:卸|脱)|打不开|登不上|用不了|闪退|卡(?:死|顿)",
    ),
    _sign(
        "complaint", "说出不满", "says so", 2.2,
        r"失望|差评|差劲|投诉|退(?:货|款|钱|了)|上当|被坑|太坑|真坑|坑人|受骗|骗人|骗子|垃圾|无语|气死|生气|后悔|恶心|糟糕|再也不|不会再|以后不|不(?:推荐|满意|喜欢|爽|建议)|涨价|太(?:贵|吵|坑|失望|难)|有点(?:吵|失望|贵|烦|多)|烦(?:死|人)|什么情况|不怎么样|一般般|很一般|太一般|差(?:太|远|多)|最差",
        r"\b(?:disappoint\w*|terrible|awful|worst|broken|refund|never again|scam|useless|annoying|does(?:n't| not) work|horrible|complain\w*)\b",
    ),
    _sign(
        "praise", "说好", "says it is good", 1.9,
        r"(?:很|真|挺|太|超级?|非常|特别|蛮|够|都|还|真的?很?|十分|相当|确实|也)(?:好|棒|香|快|新鲜|满意|喜欢|值|实惠|干净|舒服|贴心|用心|耐心|热情|漂亮|方便|便宜|给力|足|到位|细|稳|赞|不错)",
        r"好(?:评|吃|喝|用|看|香|棒|赞)|不错|满意|喜欢|点赞|赞一?个|给力|超值|性价比|物美价廉|惊喜|周到|划算|实惠|爱了|绝了|良心|完美|五星|夸|靠谱|正品|排前",
        r"\b(?:love(?:s|d)? (?:it|this|the|your)|great|awesome|excellent|amazing|perfect|brilliant|works (?:great|well|like a charm)|well done|nice work|thank you so much)\b",
        but=r"(?:不|没|不太|不是很|不怎么|没有)(?:很|太|够|都|是很)?(?:好|棒|香|快|新鲜|满意|喜欢|值|实惠|干净|舒服|贴心|热情|漂亮|方便|便宜|给力|足|到位|划算|完美|靠谱|推荐)|好(?:吃|喝|用|看)(?:吗|么|的吗|不)",
    ),
    _sign(
        "praise", "还会再来、推荐", "comes back, recommends", 1.6,
        r"回购|再(?:买|来|点|次购买)|还会(?:买|来|点|再)|常来|老(?:顾客|客户)|一直(?:在|买|用|稳|喝|吃)|(?:很|强烈|值得|非常|力荐)推荐|推荐(?:购买|入手|给大家)|下次还|继续支持|支持",
    ),
    _sign(
        "small_talk", "问候、附和、道谢", "greets, agrees, thanks", 1.4,
        r"早(?:上好|安|呀|啊|，)|^早|晚安|中午好|下午好|哈哈|嘿嘿|hhh|笑死|嗯嗯|谢谢|谢啦|多谢|欢迎|好[的嘞滴]|收到(?:啦|$|，谢|\[)|同感|羡慕|厉害|确实|真的吗|我也是|学到了|\+1|冒个泡|打扰|快乐|辛苦|加油|恭喜|大家好|新人(?:报到|冒泡)|多(?:多)?关照|有道理|可以可以|馋了",
        r"\b(?:hi|hello|hey|lol|haha\w*|thanks|thx|good (?:morning|night)|welcome|cheers|bye|np)\b",
        more=0.2,
    ),
)  # fmt: skip

OFFERS = (
    r"【(?:上新|开课|福利|倒计时|团购|会员日|返场|秒杀|特价|预告|预售|活动|优惠|限时)】|下单|抢购|秒杀|限[时量]|优惠|折扣|满\d+[减送]|领券|到手价|包邮|团购|开团|拼团|截[单止]|最后\S{0,4}(?:名额|天|件|份)|名额有限|先到先得|上新|新品|特价|福利价|会员价|预售|原价|立减|\d+(?:\.\d+)?元|[¥￥]\d|买\S送\S|链接下单|点击购买|报名(?:链接|通道|截止)"
    r"|\b(?:buy now|order now|\d+ ?% off|limited (?:time|offer)|coupon|discount|sale ends|pre-?order|free shipping)\b"
)
"""What a message that sells contains: a price, a deadline, a call to order."""
