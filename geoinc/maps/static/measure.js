/*
 * A distance between points of the map, along the WGS84 ellipsoid.
 */
(() => {
  "use strict";

  const { say, el, icon } = geoinc;
  const [MAJOR, FLATTENING] = [6_378_137, 1 / 298.257223563];

  /**
   * Metres along the ellipsoid, by Lambert's formula for long lines: the great circle
   * between reduced latitudes, and a correction of first order in the flattening.
   */
  function distance(a, b) {
    const radians = Math.PI / 180;
    const reduced = ({ lat }) => Math.atan((1 - FLATTENING) * Math.tan(lat * radians));
    const [p, q] = [reduced(a), reduced(b)];
    const half = Math.sin((q - p) / 2) ** 2 + Math.cos(p) * Math.cos(q) * Math.sin(((b.lng - a.lng) * radians) / 2) ** 2;
    const angle = 2 * Math.asin(Math.sqrt(Math.min(1, half)));
    if (angle === 0) return 0;
    const [mean, difference] = [(p + q) / 2, (q - p) / 2];
    const x = ((angle - Math.sin(angle)) * (Math.sin(mean) * Math.cos(difference)) ** 2) / Math.cos(angle / 2) ** 2;
    const y = ((angle + Math.sin(angle)) * (Math.cos(mean) * Math.sin(difference)) ** 2) / Math.sin(angle / 2) ** 2;
    return MAJOR * (angle - (FLATTENING / 2) * (x + y));
  }

  /** Kilometres to the tenth: a point chosen on a map is known no better. */
  const told = (metres) => say("km", { n: Number((metres / 1000).toFixed(1)) });

  /** A button that turns measuring on, and what it then shows. */
  class Measure {
    constructor(map) {
      this.map = map;
      this.points = [];
      this.line = L.polyline([], { className: "geoinc-measured", interactive: false });
      this.dots = L.layerGroup();
      this.said = el("p", { class: "geoinc-measure", role: "status", hidden: "" });
      map.getContainer().append(this.said);
      this.button = el("a", { href: "#", role: "button", class: "geoinc-ruler", title: say("measure"), "aria-label": say("measure"), "aria-pressed": "false" }, icon("M2.5 13.5l11-11 4 4-11 11zM6 10l1.5 1.5M8.5 7.5L10 9M11 5l1.5 1.5"));
      L.DomEvent.on(this.button, "click", (event) => {
        L.DomEvent.stop(event);
        this.turn(!this.on);
      });
      const Bar = L.Control.extend({ onAdd: () => el("div", { class: "leaflet-bar leaflet-control" }, this.button) });
      new Bar({ position: document.documentElement.dir === "rtl" ? "topleft" : "topright" }).addTo(map);
      map.on("click", ({ latlng }) => this.on && this.add(latlng));
      map.getContainer().addEventListener("keydown", (event) => {
        if (!this.on) return;
        if (event.key === "Escape") this.turn(false);
        else if (event.key === "Enter" && event.target === map.getContainer()) this.add(map.getCenter());
      });
    }

    turn(on) {
      const { map } = this;
      this.on = on;
      this.points = [];
      this.button.setAttribute("aria-pressed", String(on));
      map.getContainer().classList.toggle("geoinc-measuring", on);
      map.doubleClickZoom[on ? "disable" : "enable"]();
      for (const layer of [this.line, this.dots]) layer[on ? "addTo" : "removeFrom"](map);
      this.dots.clearLayers();
      this.said.hidden = !on;
      this.draw();
      if (on) map.getContainer().focus({ preventScroll: true });
      else this.button.focus();
    }

    add(latlng) {
      this.points.push(latlng);
      this.dots.addLayer(L.circleMarker(latlng, { radius: 3.5, className: "geoinc-measured", interactive: false }));
      this.draw();
    }

    draw() {
      const legs = this.points.slice(1).map((point, i) => distance(this.points[i], point));
      this.line.setLatLngs(this.points);
      const all = legs.reduce((sum, leg) => sum + leg, 0);
      const each = legs.length > 1 ? `${legs.map(told).join(" + ")}: ${say("measured", { distance: told(all) })}` : legs.map(told).join();
      this.said.textContent = each || say("measureHint");
    }
  }

  Object.assign(geoinc, { Measure, distance });
})();
