"""Golden figures, and what holds the code to them."""
