"""Threads, as its public API behaves: a relative of Instagram's with words of its own."""
