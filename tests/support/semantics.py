"""Flutter's semantics tree: what somebody who cannot see the page is told of it."""

from __future__ import annotations

from playwright.sync_api import Page

_ROLES = (
    "button",
    "checkbox",
    "combobox",
    "img",
    "link",
    "menuitem",
    "option",
    "radio",
    "slider",
    "spinbutton",
    "switch",
    "tab",
    "textbox",
)
_CONTROLS = [
    *("[flt-tappable]", "a[href]", "input", "textarea", "select"),
    *(f"[role={role}]" for role in _ROLES),
]
_UNNAMED = """
(controls) => {
  const text = (element) => (element?.textContent || "").trim();
  const label = (element) => element.getAttribute("aria-label")?.trim();
  const labels = (element) => (element.getAttribute("aria-labelledby") || "").split(/ +/).filter(Boolean);
  const named = (element) =>
    label(element) || text(element)
    || labels(element).some((id) => text(document.getElementById(id)))
    || [...element.querySelectorAll("[aria-label]")].some(label);
  const found = document.querySelector("flt-semantics-host").querySelectorAll(controls);
  return [...found].filter((element) => !named(element)).map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const kind = element.getAttribute("role") || element.tagName.toLowerCase();
    const [left, top, across, down] = [x, y, width, height].map(Math.round);
    return `${kind} at ${left},${top}, ${across} x ${down}`;
  });
}
"""


def unnamed_controls(page: Page) -> list[str]:
    """Return each control that a screen reader can reach and has no words for: its kind and its place.

    The app's semantics must be on (`AppPage.name_controls`), and a view be there to look at.
    """
    controls: list[str] = page.evaluate(_UNNAMED, ",".join(_CONTROLS))
    return controls
