"""From files to bits: here belongs what happens before there is a network. Nothing is ever unpickled."""
