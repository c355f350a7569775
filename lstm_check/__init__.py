"""What a student sees: `check` compares a function with the reference and says what is wrong."""

from lstm_check.errors import CheckError
from lstm_check.ladder import check

__all__ = ["CheckError", "check"]
