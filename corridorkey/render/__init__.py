"""Heads with hair, rendered offline by Mitsuba as layers for training. Needs the extra `render`."""
