"""`python -m identity` is `identity`."""

from identity.cli.main import main

if __name__ == "__main__":
    main()
