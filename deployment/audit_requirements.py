"""Whether requirements have known vulnerabilities: `make audit`, a part of `make check`.

pip-audit asks for the advisories over the network. Where they cannot be had, that is said loudly and passes, so that
work goes on offline; with --required (in CI: `make check AUDIT=--required`) it fails.
"""

import json
import subprocess
import sys

FILES = ("requirements.txt", "requirements-dev.txt", "requirements-local.txt")
COMMAND = ("-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--timeout", "15")
SECONDS = 300


def ask(path: str) -> str:
    """What pip-audit reports of one file, as JSON; empty where it could not ask at all."""
    command = [sys.executable, *COMMAND, "--format", "json", "--requirement", path]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  # our own
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def judge(reports: dict[str, str], *, required: bool) -> tuple[int, list[str]]:
    """The exit code, and what to say of each file's report."""
    lines: list[str] = []
    code = 0
    for path, report in reports.items():
        packages = json.loads(report)["dependencies"] if report else []
        found = [(package, known) for package in packages for known in package.get("vulns", [])]
        unasked = [package["name"] for package in packages if "skip_reason" in package]
        for package, known in found:
            fixed = ", ".join(known["fix_versions"]) or "no version"
            lines.append(f"{path}: {package['name']} {package['version']}: {known['id']}, fixed in {fixed}.")
        if unasked or not packages:
            which = f"{len(unasked)} of {len(packages)} packages" if packages else "anything"
            lines.append(f"{path}: NOT AUDITED, advisories for {which} could not be had.")
        code |= bool(found) or (required and (bool(unasked) or not packages))
    return int(code), lines or ["No known vulnerabilities."]


if __name__ == "__main__":
    exit_code, said = judge({path: ask(path) for path in FILES}, required="--required" in sys.argv[1:])
    sys.stdout.write("\n".join(said) + "\n")
    sys.exit(exit_code)
