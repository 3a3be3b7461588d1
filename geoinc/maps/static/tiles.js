/*
 * Tiles from a server, on maps that were asked for them by name, over the
 * paper that stands where there is no network.
 */
(() => {
  "use strict";

  const { el } = geoinc;

  function tiles(map, { url, attribution, options }) {
    // Leaflet takes HTML as attribution: of a text its words alone.
    map.attributionControl.addAttribution(el("bdi", {}, attribution).outerHTML);
    L.tileLayer(url, { ...options, referrerPolicy: "strict-origin-when-cross-origin" }).addTo(map);
  }

  Object.assign(geoinc, { tiles });
})();
