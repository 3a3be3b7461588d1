"""A saved map, opened in Chromium without a network."""

import re

from map_fixture import PLACES

#: The map that folium made, whatever it is called.
MAP = "Object.values(window).find((value) => value instanceof L.Map)"


class Visit:
    """A page opened without a network, and what it tried and complained of."""

    def __init__(self, browser, path, *, width=1280, height=800, phone=False, anchor="", **more):
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            is_mobile=phone,
            has_touch=phone,
            device_scale_factor=2 if phone else 1,
            **more,
        )
        self.context.set_offline(True)
        self.requests, self.complaints = [], []
        self.context.route(re.compile("^(?!file:|data:|blob:)"), lambda route: route.abort())
        self.page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda line: self.complaints.append(line.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri() + anchor)
        self.page.wait_for_selector("[data-geoinc=ready]", timeout=20_000)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    @property
    def fetched(self):
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]

    def point(self, place_id):
        """Return where on the screen a place of the fixture is."""
        longitude, latitude = PLACES[place_id][4:6]
        script = f"([lat, lng]) => ({MAP}).latLngToContainerPoint([lat, lng])"
        return self.page.evaluate(script, [latitude, longitude])

    def view(self, latitude, longitude, zoom):
        script = f"([lat, lng, zoom]) => ({MAP}).setView([lat, lng], zoom, {{animate: false}})"
        self.page.evaluate(script, [latitude, longitude, zoom])

    def settle(self):
        """Wait until what follows from a change has been drawn."""
        self.page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
        )

    def click(self, place_id):
        point = self.point(place_id)
        self.page.mouse.click(point["x"], point["y"])

    def ran(self):
        return self.page.evaluate("window.__ran")
