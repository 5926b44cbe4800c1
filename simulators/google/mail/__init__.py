"""Mailboxes of any size that need no memory, with what breaks programs in them: what Gmail's API tells of."""
