"""What people say: grammars rich enough that no two days read alike. Slots in braces are drawn anew each time."""

from __future__ import annotations

import re
from random import Random

_SLOTS: dict[str, tuple[str, ...]] = {
    "tea": ("龙井", "白牡丹", "寿眉", "正山小种", "金骏眉", "铁观音", "肉桂", "水仙", "凤凰单丛", "普洱熟茶", "生普", "茉莉花茶", "安吉白茶", "太平猴魁", "岩茶", "老白茶", "祁门红茶", "六堡"),
    "ware": ("盖碗", "紫砂壶", "公道杯", "玻璃杯", "飘逸杯", "煮茶炉", "茶则", "快客杯", "主人杯", "茶盘"),
    "time": ("今天早上", "刚刚", "昨晚", "下午", "周末", "上个月", "前两天", "中午", "加班的时候", "饭后"),
    "place": ("阳台上", "办公室", "河边", "老家", "公园里", "高铁上", "茶馆", "家里", "山里的民宿", "学校门口"),
    "feel": ("舒服", "踏实", "治愈", "开心", "满足", "惊喜", "平静", "上头"),
    "taste": ("回甘很长", "香气很正", "有点涩", "汤色透亮", "喉韵不错", "花香明显", "偏淡", "很顺滑", "有点闷", "耐泡"),
    "food": ("桂花糕", "绿豆饼", "花生", "烤红薯", "凤梨酥", "柿饼", "坚果", "月饼"),
    "who": ("我妈", "老公", "闺蜜", "同事", "邻居", "孩子", "老同学", "我爸"),
    "n": ("两", "三", "四", "五", "七", "十"),
    "temp": ("80度", "85度", "90度", "95度", "沸水"),
    "weather": ("降温了", "下雨了", "出太阳了", "起风了", "下雪了", "闷热", "秋天味道了"),
    "mood": ("😊", "👍", "😂", "🍵", "🌿", "❤️", "", "", "", "～", "！", "。"),
    "day": ("周一", "周三", "周五", "周六", "下周", "月底"),
    "job": ("老师", "会计", "设计师", "护士", "程序员", "全职妈妈", "开小店的", "退休职工", "做外贸的", "学生"),
    "course": ("入门课", "品鉴课", "茶席课", "冲泡课"),
    "price": ("9.9", "199", "59", "88", "129", "39"),
    "phone": ("手机上", "小程序里", "群公告里", "公众号里"),
}  # fmt: skip

_SAID: dict[str, tuple[str, ...]] = {
    "greeting": (
        "早{mood}", "大家早上好{mood}", "{weather}，大家多穿点", "早，先来一杯{tea}", "早安，新的一天从{tea}开始{mood}", "晚安各位{mood}",
        "{weather}，适合喝{tea}", "中午好呀{mood}", "打个卡{mood}",
    ),
    "introduction": (
        "大家好，我是{city}的{job}，喝{tea}{n}年了，请多关照{mood}", "新人报到，{city}，平时爱喝{tea}{mood}", "刚进群，坐标{city}，{who}带我入的坑{mood}",
        "大家好！{job}一枚，想学怎么泡{tea}", "新来的，{city}，请问群里有喝{tea}的吗？",
    ),
    "question": (
        "请问{tea}用{temp}水可以吗？", "{tea}第一泡要不要倒掉？", "有人知道{ware}哪款好用吗？", "{tea}放了{n}年还能喝吗？", "{course}什么时候开班呀？",
        "送{who}买哪款{tea}合适？", "为什么我泡的{tea}总是{taste}？", "{ware}怎么养护？", "请教一下，{tea}和{tea}有什么区别？", "快递一般几天到？",
        "空腹能喝{tea}吗？", "晚上喝{tea}会睡不着吗？", "群里有{city}的茶友吗，周末约茶？",
    ),
    "answer": (
        "{tea}我一般用{temp}，出汤快一点{mood}", "可以的，{n}泡之后再延长时间", "建议先看{phone}的说明", "我试过，{taste}，不用担心", "{ware}新手用就很好",
        "看个人口味，我{who}就喜欢浓一点的", "不用倒，直接喝就行", "大概{n}天，{city}会快一点", "我觉得{tea}更合适", "放阴凉处密封，{n}年没问题", "这个我有经验，{temp}，坐杯十秒",
    ),
    "sharing": (
        "{time}在{place}泡了{tea}，{taste}，很{feel}{mood}", "分享一下今天的{tea}，{taste}", "{time}和{who}一起喝茶，配{food}，{feel}{mood}", "终于收到{ware}了，比想象中好看{mood}",
        "{place}的下午茶，{tea}配{food}", "练了{n}天，今天{tea}终于泡出感觉了{mood}", "记录第{n}次复泡{tea}，{taste}", "按老师教的{temp}试了{tea}，{taste}，进步了",
        "{who}说我泡的{tea}比外面的好喝{mood}", "今天的茶席，{tea}、{ware}、{food}{mood}",
    ),
    "small_talk": (
        "哈哈哈{mood}", "真的吗", "羡慕{mood}", "我也是{mood}", "+1", "收藏了", "学到了{mood}", "看着就{feel}", "同款！", "说得对", "太真实了", "好主意{mood}", "这个我懂",
        "哈哈我{who}也这样", "{weather}就想喝口热的", "馋了{mood}", "周末见{mood}", "厉害厉害", "辛苦了{mood}", "等我下班试试", "嗯嗯，是这样", "给你点赞{mood}",
    ),
    "praise": ("这次的{tea}真不错，{taste}{mood}", "{course}讲得太好了，老师很耐心{mood}", "包装很用心，{who}很喜欢", "客服回复很快，点赞{mood}", "回购第{n}次了，稳定"),
    "complaint": (
        "这次的{tea}感觉不如上次，{taste}", "快递太慢了，{n}天了还没到", "客服一直没人回，有点失望", "包装破了，{ware}磕了个口", "涨价了吧？上次才{price}", "{course}的回放打不开",
        "群里广告有点多了，能管管吗",
    ),
    "signup": ("接龙：{day}茶会\n1. 我\n2. {who}", "报名{day}的{course}，算我一个{mood}", "{day}的活动还有名额吗？我想去"),
    "brand_value": (
        "【今日茶识】{tea}为什么{taste}？三个原因：水温、投茶量、出汤时间。", "【一周一茶】这周我们一起喝{tea}，晒出你的茶汤{mood}", "【答疑】大家问得最多的{ware}怎么选，整理在{phone}了。",
        "【读茶】{weather}，适合{tea}。水温{temp}，{n}泡之内最佳。", "【茶友故事】{city}的{job}，每天{time}一杯{tea}，坚持了{n}年。",
    ),
    "brand_offer": (
        "【上新】{tea}到仓，体验装{price}元，{phone}下单{mood}", "【开课】{course}{price}元，{day}截止，名额有限", "【福利】今晚八点{tea}限时{price}元，{phone}抢{mood}", "【倒计时】{course}最后{n}个名额，{price}元",
    ),
    "welcome": ("欢迎新茶友{mood} 可以先自我介绍：城市、职业、爱喝什么茶", "欢迎欢迎{mood} 入群先看{phone}的新人指南", "欢迎{mood} 这里每周三有茶识，周六有茶会"),
    "advert": (
        "兼职日结，在家可做，一天三百，加微信详聊", "代购正品，全场五折，需要的私聊我{mood}", "免费领{ware}，点击链接填写地址 http://ad.example/{n}", "宝妈副业，手机操作，月入过万，扫码进群",
        "低价出{tea}，批发价，加V看图", "刷单返利，一单一结，安全可靠，加我微信", "贷款秒批，无抵押，电话微信同号，私聊", "拼团{tea}{price}元包邮，链接 http://shop.example/{n} 快抢",
    ),
}  # fmt: skip

KINDS = tuple(_SAID)
_SLOT = re.compile(r"\{(\w+)\}")


def say(kind: str, rng: Random, city: str) -> str:
    """One message of a kind, in the words of the day."""
    return _SLOT.sub(lambda m: city if m[1] == "city" else rng.choice(_SLOTS[m[1]]), rng.choice(_SAID[kind]))
