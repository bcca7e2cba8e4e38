"""Facebook's own tables. Pages stand among the accounts, public posts among the posts."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS fb_users (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, allowed_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS fb_roles (
  user_id TEXT NOT NULL, page_id TEXT NOT NULL, tasks TEXT NOT NULL, PRIMARY KEY (user_id, page_id));
CREATE TABLE IF NOT EXISTS fb_links (page_id TEXT PRIMARY KEY, instagram_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fb_businesses (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS fb_business_people (
  business_id TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (business_id, user_id));
CREATE TABLE IF NOT EXISTS fb_business_pages (
  page_id TEXT PRIMARY KEY, business_id TEXT NOT NULL, edge TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fb_grants (
  user_id TEXT NOT NULL, scope TEXT NOT NULL, status TEXT NOT NULL, PRIMARY KEY (user_id, scope));
CREATE TABLE IF NOT EXISTS fb_page_tokens (token TEXT PRIMARY KEY, user_token TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fb_photos (
  id TEXT PRIMARY KEY, page_id TEXT NOT NULL, url TEXT NOT NULL, sha256 TEXT NOT NULL, alt_text TEXT NOT NULL,
  created_at REAL NOT NULL, post_id TEXT);
CREATE TABLE IF NOT EXISTS fb_drafts (
  id TEXT PRIMARY KEY, page_id TEXT NOT NULL, message TEXT NOT NULL, link TEXT NOT NULL, photos TEXT NOT NULL,
  publish_at REAL, created_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS fb_details (post_id TEXT PRIMARY KEY, link TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fb_videos (
  id TEXT PRIMARY KEY, page_id TEXT NOT NULL, kind TEXT NOT NULL, session TEXT NOT NULL, size INTEGER NOT NULL,
  received INTEGER NOT NULL DEFAULT 0, sha256 TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '',
  publish_at REAL, ready_at REAL, finished_at REAL, post_id TEXT, created_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS fb_videos_of_page ON fb_videos (page_id, finished_at);
"""
