"""The rules, by what they are for: recognising functions, and identities of algebra."""

from whence.simplify.rules.identities import IDENTITIES
from whence.simplify.rules.recognise import RECOGNISE

__all__ = ["IDENTITIES", "RECOGNISE"]
