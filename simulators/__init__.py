"""Stand-ins for the services Wherry talks to, all of them on loopback."""
