"""A person with a browser without scripts, who signs in and consents."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

_STEPS_MAX = 15


class _Forms(HTMLParser):
    """The forms of a page: their addresses and their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((found.get("action", ""), {}))
        elif tag == "input" and self.forms and "name" in found:
            is_box = found.get("type") == "checkbox"
            if not is_box or "checked" in found:
                self.forms[-1][1][found["name"]] = found.get("value", "on" if is_box else "")


def sign_in_as(url: str, email: str, password: str) -> None:
    """Follows redirects and fills in forms until the program of the client has its answer."""
    origin = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
    with httpx.Client(timeout=20, headers={"Accept": "text/html", "Origin": origin}) as browser:
        answer = browser.get(url)
        for _ in range(_STEPS_MAX):
            if "location" in answer.headers:
                url = urljoin(url, answer.headers["location"])
                answer = browser.get(url)
                if urlsplit(url).path == "/callback":
                    assert answer.status_code == 200
                    return
                continue
            assert answer.status_code == 200, answer.text
            page = _Forms()
            page.feed(answer.text)
            action, fields = next(form for form in page.forms if not form[0].endswith("/decline"))
            known = {"email": email, "password": password}
            url = urljoin(url, action)
            answer = browser.post(url, data=fields | {name: known[name] for name in fields if name in known})
    raise AssertionError("the sign-in did not end")
