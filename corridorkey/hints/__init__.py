"""Hint generators: what is known of a frame before the network sees it."""
