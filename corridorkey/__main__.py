"""`python -m corridorkey` is `ck`: for torchrun, and where no script is on the path."""

from corridorkey.cli.main import main

if __name__ == "__main__":
    main()
