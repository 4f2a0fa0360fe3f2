"""Releases in words, tables and drawings, in Swedish and English: nothing here knows more than the releases tell.

`released` reads a cohort's releases together, `cohort`, `programme` and `municipality` compose a report from them, and
`layout` says what a report is; `files` writes it as a file. A page and a PDF are the same template.
"""
