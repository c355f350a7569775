"""What a class handed in elsewhere comes into submitted/: from any archive, for each student."""
