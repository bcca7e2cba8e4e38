"""Telegram's Bot API for channels: a bot's key in the path, one call for each post, no history."""
