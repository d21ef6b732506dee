"""What was seen and done, as a proof that anyone can check.

    entry.py     one thing that was done: who, what, why, before and after
    chain.py     entries as links of a hash chain, and what is wrong with a chain

Pure: values in, values out. No file, socket, clock or randomness.
"""
