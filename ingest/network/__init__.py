"""Who is asked and told: the web, mailboxes and folders of files, and the addresses that may be spoken to."""
