"""Pages of the served book, as tests of Python in the browser use them."""

from playwright.sync_api import expect

LONG = 120_000  # ms: this machine may be busy


class Page:
    """A page of the book, served."""

    def __init__(self, context, address):
        self.page = context.new_page()
        self.requests = []
        self.problems = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(address)
        self.lay_out()

    def lay_out(self):
        """Lay out all sections: text of others is not "inner" text."""
        style = "section { content-visibility: visible !important }"
        self.page.add_style_tag(content=style)
        self.page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")

    def cell(self, code):
        """Return the live cell that contains `code`."""
        return self.page.locator(".cell.live", has_text=code).first

    def exercise(self, name):
        """Return the place where a function is written."""
        return self.page.locator(f".exercise[data-name={name}]")


def run(cell):
    """Press a cell's button; return what it then shows."""
    cell.locator(".live-bar button").first.click()
    return shown(cell)


def shown(cell):
    """Wait until a cell has ended; return what it shows."""
    expect(cell.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=LONG)
    output = cell.locator(".live-output")
    return output.inner_text() if output.is_visible() else ""


def status(place):
    """Return the line under a cell or an exercise that says how it goes."""
    return place.locator(".live-status")


def write(page, place, code):
    """Put code in place of all that an editor holds."""
    place.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)


def answer(opened, name, body):
    """Write a function in place of its last line, and check it; return what the check says."""
    place = opened.exercise(name)
    place.locator(".live-bar button").first.click()
    check = place.get_by_role("button", name="Check")
    check.wait_for()
    place.locator(".cm-content").click()
    opened.page.keyboard.press("Control+End")
    opened.page.keyboard.press("Shift+Home")
    opened.page.keyboard.insert_text(body)
    check.click()
    ended = status(place).filter(has_text="kept in this browser")
    ended.wait_for(timeout=LONG)
    return place.locator(".live-output").inner_text()
