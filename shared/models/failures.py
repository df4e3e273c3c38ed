"""How an answer fails: the two kinds a caller treats unlike any other error of a model."""

from shared.domain.errors import Permanent, Transient


class ModelRefused(Permanent):
    """The vendor refuses the key, or the key may not use this model; another model may still answer."""


class Unusable(Transient):
    """The model answered nothing one can use: a malformed call, broken JSON, silence. Worth asking again."""
