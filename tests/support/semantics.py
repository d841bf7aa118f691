"""Flutter's semantics tree: what somebody who cannot see the page is told of it."""

from __future__ import annotations

from playwright.sync_api import Page

_UNNAMED = """
() => {
  const controls = [
    "[flt-tappable]", "a[href]", "input", "textarea", "select",
    ...["button", "checkbox", "combobox", "img", "link", "menuitem", "option", "radio", "slider",
        "spinbutton", "switch", "tab", "textbox"].map((role) => `[role=${role}]`),
  ].join(",");
  const text = (element) => (element?.textContent || "").trim();
  const named = (element) =>
    element.getAttribute("aria-label")?.trim()
    || text(element)
    || (element.getAttribute("aria-labelledby") || "").split(/ +/)
         .some((id) => id && text(document.getElementById(id)))
    || [...element.querySelectorAll("[aria-label]")].some((inner) => inner.getAttribute("aria-label").trim());
  const found = [...document.querySelectorAll("flt-semantics-host " + controls.replaceAll(",", ",flt-semantics-host "))];
  return found.filter((element) => !named(element)).map((element) => {
    const box = element.getBoundingClientRect();
    const kind = element.getAttribute("role") || element.tagName.toLowerCase();
    return `${kind} at ${Math.round(box.x)},${Math.round(box.y)}, ${Math.round(box.width)} x ${Math.round(box.height)}`;
  });
}
"""


def unnamed_controls(page: Page) -> list[str]:
    """Return each control that a screen reader can reach and has no words for: its kind and its place.

    The app's semantics must be on (`AppPage.name_controls`), and a view be there to look at.
    """
    controls: list[str] = page.evaluate(_UNNAMED)
    return controls
