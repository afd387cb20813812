"""Keys, commands and options that messages name exist: in the pipeline file's reader, in --help."""
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import harness  # noqa: E402

DECLARATIONS = ("arguments.cpp", "shard_options.cpp", "stage_options.cpp")  # of the options themselves
SOURCES = [path for path in (harness.ROOT / "src").rglob("*.cpp")
           if not re.search(r"_(pg)?test\.cpp$", path.name) and path.name not in DECLARATIONS]
SECTIONS = ("extract", "source", "request", "pages", "items", "lookup", "window", "auth", "retry", "rate", "limits", "publish")


def literals(text):
    """String literals of a source, neighbours joined as the compiler does."""
    text = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    joined = re.sub(r'"\s*\n?\s*"', "", text)
    return re.findall(r'"((?:[^"\\\n]|\\.)*)"', joined)


def all_literals():
    return [(path, literal) for path in SOURCES for literal in literals(path.read_text())]


def taken_keys():
    """Every key that the reader of the pipeline file takes."""
    schema = json.loads((harness.ROOT / "schema/pipeline.schema.json").read_text())
    keys = {key for section in [schema, *schema["$defs"].values()] for key in section["properties"]}
    return keys | {"start", "end"}  # ${window.start}, ${window.end}


def help_text():
    def of(*words):
        return subprocess.run([harness.BINARY, *words, "--help"], capture_output=True, text=True, check=True).stdout
    whole = of()
    commands = re.findall(r"^  ([a-z][a-z-]+) ", whole, re.MULTILINE)
    return commands, whole + "".join(of(command) for command in commands) + "".join(
        of("quarantine", action) for action in ("list", "show", "replay"))


def test_every_key_that_a_message_names_is_one():
    keys = taken_keys()
    named = [(path.name, found.group(0)) for path, literal in all_literals() if " " in literal
             for found in re.finditer(r"\b(" + "|".join(SECTIONS) + r")\.([a-z_]+)\b(?!\.[a-z])(?!/)", literal)
             if not found.group(0).endswith((".cpp", ".h", ".json", ".yaml", ".summary", ".manifest"))]
    assert len(named) > 15
    wrong = [(name, key) for name, key in named if not set(key.split(".")) <= keys]
    assert wrong == []


def test_every_command_and_option_that_a_message_names_is_one():
    commands, text = help_text()
    options = set(re.findall(r"--[a-z][a-z-_]+", text))
    wrong = []
    for path, literal in all_literals():
        for command in re.findall(r"[`']ashore ([a-z][a-z-]+)", literal):
            if command not in commands:
                wrong.append((path.name, command))
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", literal):
            if option not in options | {"--version", "--help"} and path.parent.name != "report":
                wrong.append((path.name, option))
    assert commands and wrong == []
