"""Target files (`converters/*.yml`) → targets, with the files they name found and checked."""

from __future__ import annotations

from pathlib import Path

from sigmaproof.errors import InvalidInput, Place, Problem, nearest
from sigmaproof.load.files import YAML, inside, ordinary, walk
from sigmaproof.load.formats import TargetModel
from sigmaproof.load.validate import Source, check, read_source
from sigmaproof.load.values import Target, Targets

CODE = "invalid-target"
_REMEDY = "write a target: title, backend, pipelines, language, index"


def load_targets(folder: Path) -> Targets:
    """The targets of the YAML files directly in `folder`, in name order (or of the one file given)."""
    root = folder if folder.is_dir() else folder.parent
    paths, problems = walk(folder, YAML, CODE)
    targets: dict[str, Target] = {}
    for path in paths:
        if path.parent != root:
            continue
        found = load_target(path)
        if isinstance(found, list):
            problems.extend(found)
        elif found.name in targets:
            problems.append(_twin(found, targets[found.name]))
        else:
            targets[found.name] = found
    return Targets(tuple(targets[name] for name in sorted(targets)), tuple(problems))


def load_target(path: Path) -> Target | list[Problem]:
    """One target, or everything that is wrong with its file."""
    try:
        source = read_source(path, CODE, empty=_REMEDY)
    except InvalidInput as error:
        return [error.problem]
    model = check(TargetModel, source.data, source)
    return model if isinstance(model, list) else _resolve(model, source)


def _resolve(model: TargetModel, source: Source) -> Target | list[Problem]:
    folder = source.path.parent
    problems: list[Problem] = []
    pipelines: list[str | Path] = []
    for position, written in enumerate(model.pipelines):
        found = _named(folder / "pipelines", written)
        if isinstance(found, str) and (problem := _not_a_name(found, source, ("pipelines", position))):
            problems.append(problem)
        pipelines.append(found)
    index = _named(folder / "indices", model.index) if model.index else None
    if isinstance(index, str):
        known = sorted(path.stem for path in (folder / "indices").glob("*.yml"))
        remedy = f"known: {', '.join(known)}" if known else "add the file"
        message = f'no index model "{index}" under {folder.name}/indices/{nearest(index, known)}'
        problems.append(source.problem(message, ("index",), remedy))
        index = None
    return problems or _target(model, source.path, tuple(pipelines), index)


def _target(model: TargetModel, path: Path, pipelines: tuple[str | Path, ...], index: Path | None) -> Target:
    return Target(
        name=path.stem,
        path=path,
        title=model.title,
        backend=model.backend,
        output_format=model.output_format,
        pipelines=pipelines,
        backend_options=model.backend_options,
        language=model.language,
        index=index,
        options=model.options,
        description=model.description,
        export=model.export,
    )


def _named(folder: Path, written: str) -> Path | str:
    """The file under `folder` that a name means, with or without its suffix; the name itself if none."""
    for name in (written, f"{written}.yml", f"{written}.yaml"):
        try:
            path = inside(folder, name)
            ordinary(path, CODE)
        except (ValueError, InvalidInput):
            continue
        return path
    return written


def _not_a_name(written: str, source: Source, at: tuple[str | int, ...]) -> Problem | None:
    """What is wrong with a pipeline that is no file here and cannot be pySigma's name."""
    if Path(written).suffix not in YAML and "/" not in written and "\\" not in written:
        return None
    try:
        inside(source.path.parent / "pipelines", written)
    except ValueError as error:
        return source.problem(f"the pipeline's path {error}", at, "name a file under pipelines/")
    return source.problem(f'no pipeline file "{written}" under pipelines/', at, "check the name")


def _twin(second: Target, first: Target) -> Problem:
    return Problem(
        CODE, f'"{second.name}" is already the name of {first.path}', Place(second.path), "rename one"
    )
