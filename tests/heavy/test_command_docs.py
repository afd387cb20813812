"""The manual page and the completions are read by their own readers: groff, bash, zsh, fish."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ASHORE = pathlib.Path(os.environ.get("ASHORE_BINARY", ROOT / "build/release/ashore"))


def printed(*arguments):
    return subprocess.run([ASHORE, *arguments], check=True, capture_output=True, text=True).stdout


def commands():
    """Each command that --help lists, and each action of those that have some."""
    found = []
    for name in re.findall(r"^  ([a-z-]+)  ", printed("--help").split("Subcommands:")[1], re.M):
        inner = printed(name, "--help").split("Subcommands:")[1:]
        found += [(name,)] + [(name, action) for text in inner for action in re.findall(r"^  ([a-z-]+)  ", text, re.M)]
    return found


def options(*command):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", printed(*command, "--help").split("Options:")[1].split("Subcommands:")[0]))


def test_the_manual_page_has_every_command_and_option():
    page = printed("man")
    formatted = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-P-cbou", "-rLL=200n"], input=page, capture_output=True, text=True, check=True)
    assert formatted.stderr == ""
    text = formatted.stdout
    for command in commands():
        assert " ".join(command) in text
        for option in options(*command):
            assert option in text, (command, option)
    assert "EXIT STATUS" in text
    assert "_date" not in text


def bash(line):
    script = (f"{printed('completion', 'bash')}\nCOMP_WORDS=({line})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n_ashore\n"
              'printf "%s\\n" "${COMPREPLY[@]}"\n')
    done = subprocess.run(["bash", "--norc"], input=script, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr == ""
    return done.stdout.split()


def fish(line):
    script = f"{printed('completion', 'fish')}\ncomplete -C {line!r}\n"
    done = subprocess.run(["fish", "--no-config"], input=script, capture_output=True, text=True, check=True, cwd=ROOT,
                          env={**os.environ, "HOME": "/nonexistent"})
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("complete", [bash, fish], ids=["bash", "fish"])
def test_shells_complete_commands_options_and_choices(complete):
    assert {"run", "replay", "quarantine"} <= set(complete("ashore ''" if complete is bash else "ashore "))
    assert complete("ashore quar") == ["quarantine"]
    assert set(complete("ashore quarantine l")) == {"list"}
    assert {"--start-date", "--skip-unchanged"} <= set(complete("ashore run --s"))
    assert set(complete("ashore run --log-format ''" if complete is bash else "ashore run --log-format ")) >= {"text", "json"}
    assert "--adopt" not in complete("ashore merge --a")


def test_zsh_takes_its_script():
    script = printed("completion", "zsh")
    assert subprocess.run(["zsh", "-f", "-n"], input=script, capture_output=True, text=True).stderr == ""
    loaded = subprocess.run(["zsh", "-f"], input=f"autoload -Uz compinit && compinit -u -D\n{script}\nprint ${{_comps[ashore]}}\n",
                            capture_output=True, text=True)
    assert loaded.stdout.strip() == "_ashore", loaded.stderr
    for command in commands():
        assert "_ashore_" + "_".join(command) + "()" in script


def test_another_shell_is_refused():
    done = subprocess.run([ASHORE, "completion", "tcsh"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "tcsh" in done.stderr
