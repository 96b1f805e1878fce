"""Paper Lantern Books: the shop's HTTP API."""
