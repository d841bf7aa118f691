"""What MkDocs needs to know of this repository; mkdocs.yml names it as its hook.

- READMEs that stand beside the code are pages too, without being copied into docs/.
- Links are written as they work in the repository. A link to a page becomes one in the site; one to another
  file of the repository becomes the file's name, or leads to the repository's web site if `repo_url` is set.
- Diagrams are drawn by a Mermaid of our own: the theme would load one from another host.
"""

import posixpath
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
MERMAID = ROOT / "node_modules" / "@mermaid-js" / "tiny" / "dist" / "mermaid.tiny.js"

BESIDE_THE_CODE = {
    **{f"repository/{name}": name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")},
    **{name: name for name in ("cli/README.md", "bench/README.md", "local/README.md", "local/aws/README.md")},
    **{
        str(path.relative_to(ROOT)): str(path.relative_to(ROOT))
        for path in sorted(ROOT.glob("services/*/README.md"))
    },
}
"""Where pages from elsewhere than docs/ are in the site, and in the repository."""

LOADED_FROM_ELSEWHERE = {
    '"https://unpkg.com/mermaid@11/dist/mermaid.min.js"': (
        'new URL("assets/javascripts/mermaid.tiny.js",__md_scope).href'
    ),
    # For browsers of before 2020; they do without.
    '"https://unpkg.com/resize-observer-polyfill"': '"data:text/javascript,"',
}
"""What the theme's script would ask other hosts for, and what takes its place."""

_FENCE = re.compile(r"^(```|~~~).*?^\1[ ]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Replace each folder in the navigation by its pages."""
    config.nav = [_expanded(entry) for entry in config.nav or []]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand beside the code."""
    for source, path in BESIDE_THE_CODE.items():
        files.append(File.generated(config, source, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make links that work in the repository work in the site."""
    here = BESIDE_THE_CODE.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    pages = {BESIDE_THE_CODE.get(file.src_uri, f"docs/{file.src_uri}"): file.src_uri for file in files}

    def rewritten(match: re.Match[str]) -> str:
        text, target = match.groups()
        path, _, anchor = target.partition("#")
        if not path or re.match(r"[a-z]+:", target):
            return match[0]
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
        found = pages.get(wanted) or pages.get(f"{wanted}/README.md")
        if found:
            relative = posixpath.relpath(found, posixpath.dirname(page.file.src_uri))
            return f"[{text}]({relative}{'#' + anchor if anchor else ''})"
        if not (ROOT / wanted).exists():
            return match[0]  # MkDocs says which page it is on, and fails
        if config.repo_url:
            return f"[{text}]({config.repo_url.rstrip('/')}/blob/main/{wanted})"
        return text if wanted in text or "`" in text else f"{text} (`{wanted}`)"

    return _outside_fences(markdown, lambda part: _LINK.sub(rewritten, part))


def on_post_build(config: MkDocsConfig) -> None:
    """Put our own Mermaid in, and see that the theme asks no other host for anything.

    Raises
    ------
    PluginError
        If it is not installed, or the theme is another one than this was written for.
    """
    if not MERMAID.exists():
        raise PluginError("`make setup` first: node_modules has no Mermaid")
    scripts = Path(config.site_dir) / "assets" / "javascripts"
    shutil.copy(MERMAID, scripts / MERMAID.name)
    for source_map in Path(config.site_dir, "assets").rglob("*.map"):
        source_map.unlink()
    (bundle,) = scripts.glob("bundle.*.min.js")
    text = bundle.read_text()
    for asked, instead in LOADED_FROM_ELSEWHERE.items():
        if asked not in text:
            raise PluginError(f"{bundle.name} does not ask for {asked} any more: see LOADED_FROM_ELSEWHERE")
        text = text.replace(asked, instead)
    bundle.write_text(re.sub(r"//# sourceMappingURL=.*", "", text))


def _expanded(entry: Any) -> Any:
    if isinstance(entry, list):
        return [_expanded(part) for part in entry]
    if isinstance(entry, dict):
        return {title: _expanded(part) for title, part in entry.items()}
    return list(_pages_below(entry)) if entry.endswith("/") else entry


def _pages_below(folder: str) -> Iterator[str]:
    if (ROOT / "docs" / folder).is_dir():
        pages = sorted(
            path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs" / folder).glob("*.md")
        )
        yield from sorted(pages, key=lambda page: not page.endswith("/README.md"))
    else:
        yield from (source for source in BESIDE_THE_CODE if source.startswith(folder))


def _outside_fences(markdown: str, change: Callable[[str], str]) -> str:
    """Change a page's text, and leave its code blocks alone."""
    parts, end = [], 0
    for fence in _FENCE.finditer(markdown):
        parts += [change(markdown[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(markdown[end:])])
