"""Files into facts: looked at first, mapped, then kept in pieces that can be cut short at any moment."""
