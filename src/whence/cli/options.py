"""Options that several commands have: the point, and what to differentiate by."""

from __future__ import annotations

import click

at_option = click.option(
    "--at",
    multiple=True,
    metavar="NAME=VALUE,...",
    help="The point: x=2,W=[[1,0],[0,1]], or a file .npz or .csv. May be repeated.",
)
wrt_option = click.option("--wrt", metavar="NAME,...", help="Differentiate by these.")
