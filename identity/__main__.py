"""`python -m identity` is `identity`."""

from identity.cli.main import run

if __name__ == "__main__":
    run()
