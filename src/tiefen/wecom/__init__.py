"""The platform at the rim: WeCom (企业微信) through its official API. Its words and numbers stop here."""
