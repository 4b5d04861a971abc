"""What Tiefen knows of WeCom's present state, and the one place where what WeCom tells becomes facts."""
