"""Decision rules, one file each."""
