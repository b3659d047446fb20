"""``python -m ops.cli``: the program, also where its script is not on the path."""

from ops.cli.main import main

main()
