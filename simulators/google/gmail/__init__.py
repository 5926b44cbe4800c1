r"""Gmail's API, reading only: mailboxes of any size that need no memory, with what breaks programs in them.

::

    with google(messages=100_000, seed=1) as server:
        box = server.account.mail                # Mailbox: every act below may happen while a client reads
        box.arrive(kind="nul"); box.arrive(size=100_000_000); box.arrive(b"Subject: x\r\n\r\ny", thread=...)
        box.delete(id); box.relabel(id, add=["STARRED"]); box.trash(id); box.spam(id)
        box.add_label("New"); box.rename_label(label, "Newer"); box.delete_label(label, leave=True)
        box.draft(); box.edit_draft(draft); box.expire_history()
        box.habits.shifting = True               # what documents leave open: habits.py
        server.quotas.mail.table = units.OLD; server.quotas.mail.enforced = True
        server.quotas.mail.used["ana@example.org"], server.quotas.mail.spent["gmail.users.messages.get"]

What is assumed of Gmail stands where it is done, with its source; what is not stood in for is refused with 501.
"""
