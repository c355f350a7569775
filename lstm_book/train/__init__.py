"""What is trained apart, because it takes longer than the book may: scripts, each with its log.

``make train WHAT=writer`` trains what `lstm_book/data/writer.json` lacks and adds it there, where
the chapters read it; weights lie beside it. Delete the log to train anew; scripts, logs and weights
are committed. Each script says how long it takes.
"""
