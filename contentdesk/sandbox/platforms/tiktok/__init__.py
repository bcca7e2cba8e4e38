"""TikTok, as its Content Posting and Display APIs behave: uploads in pieces, photos by address, inbox, figures."""
