"""What staff do: find sessions, read, export and erase them, end turns, edit titles.

Any owner's: the admin says who may.
"""
