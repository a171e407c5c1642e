"""Drawing by keyboard with the real modeler, and looking at the file that it saves."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

from playwright.sync_api import Locator, Page, expect

import bpmn

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
OURS = "{urn:signalbox:schema:1.0}"


class Sheet:
    """A new diagram with a start event, on which one draws by keyboard."""

    def __init__(self, page: Page, saved: Callable[[str], str]):
        self.page = page
        self._saved = saved
        page.set_default_timeout(10_000)
        page.goto("/model/new")
        self.shapes = page.locator(".djs-shape[data-element-id]:not(.djs-label)")
        expect(self.shapes).to_have_count(1)
        self.select("start")

    def select(self, element_id: str) -> None:
        """By a click into its middle, or on the upper right of what is larger: there nothing else lies on it."""
        shape = self.page.locator(f'.djs-shape[data-element-id="{element_id}"]')
        if "selected" in (shape.get_attribute("class") or "").split():
            return  # another click would let go of it
        box = shape.bounding_box()
        assert box is not None
        small = box["width"] <= 60
        shape.click(
            position={
                "x": box["width"] / 2 if small else box["width"] - 9,
                "y": box["height"] * (0.5 if small else 0.3),
            }
        )
        expect(self.page.locator(f'[data-element-id="{element_id}"].selected')).to_be_attached()

    def append(self, what: str, name: str | None = None) -> str:
        """Behind the selected shape, or attached to it; the new shape's id. It is selected then."""
        return self._choose("a", "Append element", what, name)

    def create(self, what: str, name: str | None = None) -> str:
        """Wherever there is room."""
        return self._choose("n", "Create element", what, name)

    def menu(self, key: str, title: str) -> Locator:
        """The menu behind a key. A shape that was just drawn may take the key as the first letter of its name, some
        time after it is there: then that typing is given up, and the key pressed again."""
        menu = self.page.locator(".djs-popup")
        for _ in range(2):
            self.page.keyboard.press(key)
            try:
                expect(menu).to_contain_text(title, timeout=3_000)
                return menu
            except AssertionError:
                self.page.keyboard.press("Escape")
        self.page.keyboard.press(key)
        expect(menu).to_contain_text(title)
        return menu

    def _choose(self, key: str, title: str, what: str, name: str | None) -> str:
        before = self._ids()
        self.page.mouse.move(1, 1)  # a pointer on the menu would choose too
        menu = self.menu(key, title)
        expect(menu.locator(".djs-popup-results .entry").first).to_be_visible()
        chosen = menu.locator(".entry.selected")
        if menu.locator("input").count():
            expect(menu.locator("input")).to_be_focused()
            self.page.keyboard.type(what)
        else:  # a few entries need no search
            for _ in range(menu.locator(".djs-popup-results .entry").count()):
                if what in chosen.inner_text():
                    break
                self.page.keyboard.press("ArrowDown")
        expect(chosen).to_contain_text(what)
        self.page.keyboard.press("Enter")
        expect(menu).to_have_count(0)
        typing = self.page.locator(".djs-direct-editing-content")
        if typing.count():
            self.page.keyboard.press("Escape")
        expect(typing).to_have_count(0)
        new = [one for one in self._ids() if one not in before]
        assert new, f"nothing was drawn for {what}"
        expect(self.page.locator(f'.djs-shape[data-element-id="{new[0]}"].selected')).to_be_attached()
        if name is not None:
            self.fill("Name", name)
        return new[0]

    def _ids(self) -> list[str]:
        return self.shapes.evaluate_all("all => all.map(one => one.dataset.elementId)")

    def fill(self, label: str, text: str) -> None:
        field = self.field(label)
        field.fill(text)
        field.blur()

    def choose(self, label: str, option: str) -> None:
        self.field(label).select_option(label=option)

    def declare(self, what: str, name: str) -> None:
        """A new message, signal, error or escalation, named as it is made."""
        self.choose(what, f"New {what.lower()}…")
        field = self.field(f"{what} name")
        expect(field).to_be_focused()
        self.page.keyboard.type(name)
        field.blur()

    def pair(self, group: str, name: str, value: str) -> None:
        """One more entry of a list of names and expressions."""
        rows = self.page.get_by_role("group", name=group, exact=True)
        rows.get_by_role("button", name=re.compile("^Add")).click()
        expect(rows.get_by_role("textbox").nth(-2)).to_be_focused()
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(value)
        rows.get_by_role("textbox").last.blur()

    def open(self, section: str) -> None:
        """A section that is closed because few need it."""
        summary = self.page.locator("details.section > summary").filter(has_text=re.compile(rf"^{re.escape(section)}"))
        if not summary.evaluate("one => one.parentElement.open"):
            summary.click()

    def check(self, label: str, *, checked: bool = True) -> None:
        self.field(label).set_checked(checked)

    def field(self, label: str) -> Locator:
        """By its label, which may carry the star of what is required."""
        return self.page.get_by_label(re.compile(rf"^{re.escape(label)}( \*)?$"))

    def finish(self) -> None:
        self.append("End event")

    def file(self) -> str:
        """What the server has after saving."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+s")
        expect(self.page.get_by_text(re.compile("^Saved"))).to_be_visible()
        return self._saved(self.page.url.rsplit("/", 1)[1])

    def saved(self) -> ElementTree.Element:
        """The file as it was saved, in which the language finds nothing wrong."""
        text = self.file()
        errors = [one.message for one in bpmn.check(text.encode()) if one.severity == "error"]
        assert errors == []
        return ElementTree.fromstring(text)


def one(root: ElementTree.Element, tag: str) -> ElementTree.Element:
    """The only element of that name."""
    found = root.findall(f".//{BPMN}{tag}")
    assert len(found) == 1, f"{len(found)} × {tag}"
    return found[0]


def text(root: ElementTree.Element, tag: str) -> str:
    return (one(root, tag).text or "").strip()


def pairs(node: ElementTree.Element, tag: str, key: str = "name") -> dict[str, str | None]:
    """Our entries in an element's extensions."""
    return {item.get(key, ""): item.get("value") for item in node.findall(f"{BPMN}extensionElements/{OURS}{tag}")}
