"""The released weights, fetched or imported by the user, and which checkpoint a shot is keyed with."""

from corridorkey.weights.cache import LocalWeights, accept_licence, cache_folder, licence_accepted, local_weights
from corridorkey.weights.choose import choose_checkpoint, depends_on_screen, small_checkpoint
from corridorkey.weights.fetch import Fetched, fetch_weights
from corridorkey.weights.found import Import, import_weights
from corridorkey.weights.known import KNOWN, LICENCE, TERMS, Released

__all__ = [
    "KNOWN",
    "LICENCE",
    "TERMS",
    "Fetched",
    "Import",
    "LocalWeights",
    "Released",
    "accept_licence",
    "cache_folder",
    "choose_checkpoint",
    "depends_on_screen",
    "fetch_weights",
    "import_weights",
    "licence_accepted",
    "local_weights",
    "small_checkpoint",
]
