"""Enrolment by other processes and machines: they read and describe, this process alone writes into the gallery."""
