/*
 * The map on paper: as wide as a sheet in landscape, whatever the window is,
 * and showing what the window shows.
 */
(() => {
  "use strict";

  /** Pixels that fit between the margins of A4 and of Letter, lying (see @page in incidents.css). */
  const [WIDTH, HEIGHT] = [980, 712];

  /** What the panel and the timeline cover there: from the left and the top, from the right and the foot. */
  const [BESIDE, BELOW] = [[320, 14], [14, 130]];

  /** The bounds of what neither covers now. */
  function uncovered(map, rtl) {
    const size = map.getSize();
    const wide = size.x > 640;
    const [left, right] = wide ? (rtl ? [BELOW[0], BESIDE[0]] : [BESIDE[0], BELOW[0]]) : [0, 0];
    const corners = [[left, 0], [size.x - right, size.y - BELOW[1]]];
    return L.latLngBounds(corners.map((corner) => map.containerPointToLatLng(corner)));
  }

  /**
   * Make a map ready for paper when the browser prints, and put it back after.
   * `sheets` are its canvases; `settled` is called when the size has changed.
   */
  function printable(map, sheets, settled) {
    const container = map.getContainer();
    const rtl = document.documentElement.dir === "rtl";
    let before = null;

    function resize({ width, height }) {
      Object.assign(container.style, { width, height });
      map.invalidateSize({ animate: false, pan: false });
    }

    window.addEventListener("beforeprint", () => {
      if (before) return;
      const { width, height } = container.style;
      const { maxBounds, minZoom, zoomSnap } = map.options;
      before = { center: map.getCenter(), zoom: map.getZoom(), width, height, maxBounds, options: { minZoom, zoomSnap } };
      const seen = uncovered(map, rtl);
      map.setMaxBounds(null);
      Object.assign(map.options, { minZoom: 0, zoomSnap: 0 });
      resize({ width: `${WIDTH}px`, height: `${HEIGHT}px` });
      const [left, right] = rtl ? [BELOW[0], BESIDE[0]] : [BESIDE[0], BELOW[0]];
      map.fitBounds(seen, { paddingTopLeft: [left, BESIDE[1]], paddingBottomRight: [right, BELOW[1]], animate: false });
      // A canvas that was cleared prints its blank parts in white, over what is below; a new one does not.
      for (const sheet of sheets) sheet.remove().addTo(map);
      settled();
    });
    window.addEventListener("afterprint", () => {
      if (!before) return;
      Object.assign(map.options, before.options);
      resize(before);
      map.setView(before.center, before.zoom, { animate: false });
      map.setMaxBounds(before.maxBounds);
      before = null;
      settled();
    });
  }

  geoinc.printable = printable;
})();
