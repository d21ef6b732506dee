"""What was seen and done, as a proof that anyone can check.

    entry.py     one thing that was done: who, what, why, before and after
    chain.py     entries as links of a hash chain, and what is wrong with a chain
    bounds.py    exact bounds of a share that was counted
    noise.py     does legacy differ from itself as often as from the candidate?
    suggestions.py  learned noise -> the rule that would excuse it
    findings.py  where a finding stands: open, accepted, fixed, regressed

Pure: values in, values out. No file, socket, clock or randomness.
"""
