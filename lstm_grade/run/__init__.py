"""A class on its way through: submissions are read, handed out, graded and recorded."""
