"""What is told afterwards: feedback, the report on a class, exports."""
