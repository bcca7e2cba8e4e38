"""Platforms that behave like the real ones, over real HTTP, for practice, demos and tests.

A process of its own: it imports nothing of the application and the application imports nothing of it.
"""
