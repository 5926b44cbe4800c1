"""How long `wherry --help` takes beside an empty Python program."""
