"""Movies in and out, by PyAV; nothing here imports it before a movie is opened."""

from corridorkey.media.movie.kinds import KINDS, MovieKind
from corridorkey.media.movie.movie import Movie
from corridorkey.media.movie.probe import open_movie
from corridorkey.media.movie.reader import MovieReader
from corridorkey.media.movie.writer import MovieWriter

__all__ = ["KINDS", "Movie", "MovieKind", "MovieReader", "MovieWriter", "open_movie"]
