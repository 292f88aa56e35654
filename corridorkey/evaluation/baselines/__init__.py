"""Classical keyers, each a way to alpha and a way to fg, with the settings worth trying."""
