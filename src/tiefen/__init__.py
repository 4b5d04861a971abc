"""Tiefen (铁粉): an operating system for a brand's own communities on WeChat and WeCom."""

from importlib.metadata import version

__version__ = version("tiefen")
