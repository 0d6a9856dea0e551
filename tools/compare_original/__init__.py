"""Ours and the original framework, asked the same questions.

    python -m tools.compare_original --peer PEER/bin/python [--seed 1] [--count 10000] [NAME...]

Run from the root of a checkout. PEER is a virtual environment with tomodachi 0.29 in it (the peer); the
names are kinds of cases, all by default. A seed makes the cases; a child process on each interpreter
answers them (`side.py`). What the answers differ in and `ledger.py` does not know is told with the
smallest case that still shows it, and the program ends with 1.

A kind of case is a module with two functions: `generate(dice)` makes a case, plain JSON, and
`answer(case)` runs it with whichever framework it finds, and gives plain JSON, too. The insides of the
two frameworks that a kind has to reach for are in `insides/`; the fake AWS of set-ups is the driver's
(`aws.py`), so that the peer's environment needs nothing but the original.
"""
