"""People and programs: how they come in, what proves who they are, who lets them in.

What is pure here takes values and returns values: ``passwords``, ``totp``, ``tokens``, ``throttle``,
``address``, ``registration``. The rest are use cases, one transaction each. Everything lives on wall
time (records.md 7): the story's clock is for goods, not for people.
"""
