"""Runs the generators on a document, each as its users would, with the options of docs/api.md.

What a generator says is kept: a warning that something was left out is a fault of the document.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
# Jackson, which the Java client needs, is in the generator's own jar.
JARS = Path("/usr/share/java")
# Of forms, which /oauth/token takes; and annotations.
NEEDED = ("jakarta-annotation-api", "httpmime", "httpclient", "httpcore", "commons-logging")
OFFLINE = {"GOFLAGS": "-mod=readonly", "GOPROXY": "off", "npm_config_offline": "true"}
QUIET = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
IMPORT_ALL = """
import importlib, pkgutil, instapay_attrs
for module in pkgutil.walk_packages(instapay_attrs.__path__, "instapay_attrs."):
    importlib.import_module(module.name)
"""
STRICT = "disallowAdditionalPropertiesIfNotPresent=false"


def run(*command: str | Path, cwd: Path, **settings: str) -> str:
    """What it said; its failure is the test's."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **OFFLINE, **settings},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout + done.stderr


def generator_jar() -> Path:
    package = importlib.util.find_spec("openapi_generator_cli")
    assert package is not None and package.origin is not None
    return Path(package.origin).parent / "openapi-generator.jar"


def openapi_generator(document: Path, into: Path, language: str, *options: str) -> str:
    fast = ("-Xshare:auto", "-XX:TieredStopAtLevel=1")
    asked = ("-g", language, "-i", document, "-o", into, "--global-property", QUIET)
    return run(
        "java", *fast, "-jar", generator_jar(), "generate", *asked, *options, cwd=into.parent
    )


def typescript(document: Path, work: Path) -> list[str | Path]:
    """The types are checked by compiling the scenario against them."""
    shutil.copytree(HERE / "typescript", work, ignore=shutil.ignore_patterns("node_modules"))
    (work / "node_modules").symlink_to(HERE / "typescript/node_modules")
    tools = work / "node_modules/.bin"
    run(tools / "openapi-typescript", document, "-o", "schema.ts", cwd=work)
    run(tools / "tsc", "-p", ".", cwd=work)
    return ["node", work / "out/scenario.js"]


def python_attrs(document: Path, work: Path) -> list[str | Path]:
    work.mkdir()
    shutil.copy(HERE / "python/scenario_attrs.py", work)
    said = run(
        *(BIN / "openapi-python-client", "generate", "--path", document, "--meta", "none"),
        *("--output-path", "instapay_attrs", "--config", HERE / "python/attrs.yml"),
        cwd=work,
    )
    assert "WARNING" not in said.upper(), said
    run(sys.executable, "-c", IMPORT_ALL, cwd=work)
    return [sys.executable, work / "scenario_attrs.py"]


def python_pydantic(document: Path, work: Path) -> list[str | Path]:
    work.mkdir()
    shutil.copy(HERE / "python/scenario_pydantic.py", work)
    names = f"packageName=instapay_pydantic,mapNumberTo=Decimal,{STRICT}"
    openapi_generator(document, work / "made", "python", "--additional-properties", names)
    (work / "made/instapay_pydantic").rename(work / "instapay_pydantic")
    return [sys.executable, work / "scenario_pydantic.py"]


def go(document: Path, work: Path) -> list[str | Path]:
    shutil.copytree(HERE / "go", work)
    names = f"packageName=instapay,withGoMod=false,enumClassPrefix=true,{STRICT}"
    said = openapi_generator(
        *(document, work / "instapay", "go", "--type-mappings=number=Decimal"),
        *("--additional-properties", names),
    )
    assert "Illegal schema" not in said, said
    run("go", "build", "-o", work / "scenario", ".", cwd=work)
    return [work / "scenario"]


def java(document: Path, work: Path) -> list[str | Path]:
    shutil.copytree(HERE / "java", work)
    names = "invokerPackage=instapay,apiPackage=instapay.api,modelPackage=instapay.model"
    more = f"openApiNullable=false,useJakartaEe=true,{STRICT}"
    openapi_generator(
        *(document, work / "made", "java", "--library", "native"),
        *("--additional-properties", f"{names},{more}"),
    )
    path = ":".join([str(generator_jar()), *(str(JARS / f"{name}.jar") for name in NEEDED)])
    sources = sorted((work / "made/src/main/java").rglob("*.java"))
    options = ("-J-XX:TieredStopAtLevel=1", "-proc:none", "-nowarn", "-d", work / "classes")
    run("javac", *options, "-cp", path, work / "Scenario.java", *sources, cwd=work)
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{work / 'classes'}:{path}", "Scenario"]


CLIENTS = {
    "openapi-typescript": typescript,
    "openapi-python-client": python_attrs,
    "openapi-generator-python": python_pydantic,
    "openapi-generator-go": go,
    "openapi-generator-java": java,
}
