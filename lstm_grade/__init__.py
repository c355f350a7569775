"""What an instructor runs: `python -m lstm_grade autograde ASSIGNMENT` grades a class."""
