"""What a power cut leaves: commands logged by strace, a disk that forgets, and the check of what is there after it."""
