"""YouTube's Data API for uploads: Google's sign-in, resumable sessions, quota by the day, reading, the uploads list."""
