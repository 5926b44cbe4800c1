"""``wherry completion``: the script a shell needs to complete wherry's command lines."""

from __future__ import annotations

import os

import click
from click.shell_completion import BashComplete, add_completion_class, get_completion_class, split_arg_string

from wherry.cli.command import WherryCommand
from wherry.exits import Exit

VARIABLE = "_WHERRY_COMPLETE"
"""Set by the scripts when they ask what could come next."""

BASH = """\
%(complete_func)s() {
    local line="${COMP_LINE:0:COMP_POINT}" current="" cut="" response="" item="" kind="" word=""
    [[ $line == *[[:blank:]] ]] || current="${line##*[[:blank:]]}"
    # Bash breaks words at colons, wherry does not: dav:home is one word.
    [[ $COMP_WORDBREAKS == *:* ]] && cut="${current%%"${current##*:}"}"
    COMPREPLY=()
    response=$(env COMP_WORDS="$line" %(complete_var)s=bash_complete "$1")
    while IFS= read -r item; do
        IFS=, read -r kind word <<< "$item"
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("${word#"$cut"}") ;;
        esac
    done <<< "$response"
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    """Takes the line as it was typed, because Bash's own words are broken at colons."""

    source_template = BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one being typed, and that one."""
        line = os.environ.get("COMP_WORDS", "")
        words = split_arg_string(line)[1:]
        return (words, "") if line[-1:].isspace() or not words else (words[:-1], words[-1])


add_completion_class(Bash)


@click.command(
    "completion",
    cls=WherryCommand,
    examples=[
        'eval "$(wherry completion bash)"                  in ~/.bashrc',
        "wherry completion fish > ~/.config/fish/completions/wherry.fish",
    ],
    exits=[Exit.DONE, Exit.USAGE],
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the completion script for SHELL.

    Commands, options, jobs, accounts and folders are completed.
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"No completion for {shell}.", ctx)
    click.echo(found(ctx.find_root().command, {}, "wherry", VARIABLE).source())
