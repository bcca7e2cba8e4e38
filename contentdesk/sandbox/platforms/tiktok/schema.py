"""Tables of its own: what a creator switched on in the app, and uploads on their way to a post."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS tiktok_creators (
  account_id TEXT PRIMARY KEY, nickname TEXT NOT NULL, private INTEGER NOT NULL DEFAULT 0,
  comment_off INTEGER NOT NULL DEFAULT 0, duet_off INTEGER NOT NULL DEFAULT 0,
  stitch_off INTEGER NOT NULL DEFAULT 0, max_seconds INTEGER NOT NULL DEFAULT 600,
  banned INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS tiktok_uploads (
  publish_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, kind TEXT NOT NULL, inbox INTEGER NOT NULL,
  info TEXT NOT NULL, made_at REAL NOT NULL,
  upload_id TEXT UNIQUE, upload_token TEXT, size INTEGER NOT NULL DEFAULT 0, chunk INTEGER NOT NULL DEFAULT 0,
  count INTEGER NOT NULL DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0, chunks INTEGER NOT NULL DEFAULT 0,
  urls TEXT NOT NULL DEFAULT '[]', fetched INTEGER NOT NULL DEFAULT 1, files TEXT NOT NULL DEFAULT '[]',
  taken_at REAL, ready_at REAL, reason TEXT, post_id TEXT);
CREATE INDEX IF NOT EXISTS tiktok_uploads_of_account ON tiktok_uploads (account_id, made_at);
"""
"""`taken_at`: the platform has everything and begins to post. `chunks`: pieces that arrived."""

DAY = 86_400.0
MINUTE = 60.0
