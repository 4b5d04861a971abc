"""Names and nicknames, drawn from lists of our own."""

from __future__ import annotations

from random import Random

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_GIVEN = "安宁清远书言知行子墨若水云舒明月青禾思远雨桐景行晓风星河乐天可心如初沐阳诗涵梓萱浩然欣怡佳琪志强建国秀英丽华海燕玉兰春梅文博俊杰雅琴婉婷慕白一诺长庚望舒采薇南乔"
_NICK_HEAD = (
    "爱喝茶的",
    "早起的",
    "慢慢来的",
    "江边",
    "山里的",
    "养猫的",
    "不加糖的",
    "周末",
    "会做饭的",
    "赶路的",
    "晒太阳的",
    "练字的",
)
_NICK_TAIL = (
    "小鹿",
    "老周",
    "阿宁",
    "橘子",
    "青柠",
    "木木",
    "大白",
    "豆包",
    "阿梨",
    "石头",
    "七七",
    "小满",
    "南瓜",
    "团子",
    "阿布",
    "栗子",
)
_CITY_TAG = ("", "", "", "｜{city}", "@{city}")


def full_name(rng: Random) -> str:
    """A family name and one or two characters."""
    return rng.choice(_FAMILY) + "".join(rng.choice(_GIVEN) for _ in range(rng.choice((1, 2, 2))))


def nickname(rng: Random, city: str) -> str:
    """What somebody is called in a group: a real name, or a made-up one, sometimes with the town."""
    said = full_name(rng) if rng.random() < 0.45 else rng.choice(_NICK_HEAD) + rng.choice(_NICK_TAIL)
    return said + rng.choice(_CITY_TAG).format(city=city)
