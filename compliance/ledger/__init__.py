"""So that every act of the programme can be proved later by people who do not trust its operator.

Bytes, hashes and signatures only: nothing in here knows a patient. The modules, from the ground up:
`canonical` (one spelling per value), `merkle` (the tree), `note` and `checkpoint` (what is signed),
`entry` (what a leaf may say), `proof` (receipts and numbers), `bundle` (what an auditor takes home)
and `verify` (the stand-alone program that checks it; it imports nothing from here).
"""
