"""Facebook Pages, as their public API behaves: sign-in, photos, posts, videos, reels, reading, insights."""
