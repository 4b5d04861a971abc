"""What a message does in a conversation: asks, answers, shares, complains, praises, advertises, or chats."""
