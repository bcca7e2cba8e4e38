"""Instagram, as its public API behaves: containers, polling, publishing, reading, insights."""
