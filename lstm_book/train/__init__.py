"""What is trained apart, because it takes longer than the book may: scripts, each with its log.

``.venv/bin/python -m lstm_book.train.tasks`` trains what `lstm_book/data/tasks.json` lacks and adds
it there, where the chapters read it. Delete the log to train anew; script and log are committed.
"""
