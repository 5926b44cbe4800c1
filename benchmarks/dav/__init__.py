"""Wherry beside vdirsyncer and a raw client: the same items from real servers into a folder."""
