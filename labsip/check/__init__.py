"""Exercises: what a route of the learner's should do, and an answer in SIP terms where it does something else.

`exercises` says what is played and what should be on the wire, in the notation of `notation`; `compare` puts into words
what was there instead. Who plays it is the lab.
"""
