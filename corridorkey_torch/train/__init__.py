"""Training: recipes, rendered samples, losses, the loop."""
