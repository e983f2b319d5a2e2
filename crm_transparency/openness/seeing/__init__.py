"""The door to seeing how open the company is: who can see what, and which rule keeps the rest from them.

verdicts.of(doc)              who of the company can't read one document, and by which rule
answers.why_not(…)            the same asked by somebody who can't open it
shares.of_everybody()         the share of accounts that each person can read
snapshots.take()              the company's openness figure, kept for every day
"""
