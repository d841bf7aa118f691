"""The built site: every page is there, and nobody else is asked for anything."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.docs.markdown import name, pages
from tests.support.stack import ROOT

LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}
"""What a browser loads without being asked: elements, and the attribute that says from where."""


class Loads(HTMLParser):
    """Collects what a page loads, and whether it has diagrams."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.styles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in LOADING:
            self.addresses.append(given.get(LOADING[tag], ""))
        self.addresses += [part.split()[0] for part in given.get("srcset", "").split(",") if part.split()]
        self.styles.append(given.get("style", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    ran = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder


def test_every_page_of_the_repository_is_in_it_and_in_its_navigation(site: Path) -> None:
    navigation = set(re.findall(r'<a href="([^"]+)" class="md-nav__link', (site / "index.html").read_text()))
    for page in pages():
        path = Path(name(page))
        if path.parts[0] == "docs":
            path = Path(*path.parts[1:])
        elif len(path.parts) == 1:
            path = Path("repository", path)
        built = path.parent if path.stem == "README" else path.with_suffix("")
        assert (site / built / "index.html").exists(), page
        assert (f"{built.as_posix()}/" if built.name else ".") in navigation, page


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        loads = Loads()
        loads.feed(page.read_text())
        assert loads.addresses, page
        foreign = [address for address in loads.addresses if re.match(r"([a-z]+:)?//", address)]
        assert not foreign, f"{page.relative_to(site)}: {foreign}"
        assert not re.search(r"url\(\s*['\"]?(https?:)?//", "".join(loads.styles))


def test_no_style_loads_anything_from_another_host(site: Path) -> None:
    for style in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(url\()?(https?:)?//", style.read_text()), style


def test_no_script_asks_another_host(site: Path) -> None:
    (bundle,) = site.glob("assets/javascripts/bundle.*.js")
    text = bundle.read_text()
    assert "unpkg.com" not in text
    assert "assets/javascripts/mermaid.tiny.js" in text
    assert (site / "assets/javascripts/mermaid.tiny.js").stat().st_size > 1_000_000
    # It asks GitHub for stars where a page has the element for them, and Google where analytics are on.
    for page in site.rglob("*.html"):
        assert 'data-md-component="source"' not in page.read_text()
        assert "googletagmanager" not in page.read_text()


def test_diagrams_are_left_for_mermaid_to_draw(site: Path) -> None:
    assert (site / "architecture/index.html").read_text().count('<pre class="mermaid">') == 3
