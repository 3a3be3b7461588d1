/*
 * The page around the map, and what opens when something is chosen.
 * `geoinc.open(map, id, bounds, words)` starts it.
 */
(() => {
  "use strict";

  const { PALETTE, say, plural, term, km, el, said, apart } = geoinc;
  const narrow = window.matchMedia("(max-width: 640px)");

  // Leaflet looks for pictures beside its style sheet; a page of one file has none.
  const pin = (path) => encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 25 41">${path}</svg>`);
  L.Icon.Default.imagePath = "data:image/svg+xml,";
  L.Icon.Default.mergeOptions({
    iconUrl: pin('<path d="M12.5 40C6 27 1 21 1 12.5a11.5 11.5 0 0123 0C24 21 19 27 12.5 40z" fill="#3C4149" stroke="#fff"/><circle cx="12.5" cy="12.5" r="4.5" fill="#fff"/>'),
    iconRetinaUrl: "",
    shadowUrl: pin(""),
  });

  /** Show the data of a page on a map that folium made, or say why that cannot be. */
  function open(map, id, bounds, words) {
    geoinc.speak(words);
    const excuse = (error) => {
      map.getContainer().append(el("p", { class: "geoinc-panel geoinc-excuse", role: "alert" }, say("excuse")));
      throw error;
    };
    draw(map, id, bounds).catch(excuse);
  }

  async function draw(map, id, bounds) {
    const container = map.getContainer();
    furnish(map);
    fit(map, bounds);
    const data = await geoinc.decode(id);
    container.setAttribute("role", "main");
    container.setAttribute("aria-label", data.title);
    const limits = L.latLngBounds(data.limits);
    // Leaflet takes HTML here: these are our own words, a version and a day.
    map.attributionControl.addAttribution(`<bdi>${say("credit", { version: data.version, made: data.made })}</bdi>`);
    const many = data.cells && new geoinc.Many(data);
    const selection = many ? many.selection : new geoinc.Selection(data);
    const state = new geoinc.State(selection);
    const marks = many ?? new geoinc.Marks(data, selection);
    const statistics = new geoinc.Statistics(data.statistics, marks);
    const sheets = [geoinc.basemap(data.basemap), marks.sheet];
    if (statistics.node) sheets.push(statistics.sheet, statistics.names);
    for (const sheet of sheets) sheet.addTo(map);
    if (data.tiles) geoinc.tiles(map, data.tiles);
    map.setMaxBounds(limits);
    map.setMinZoom(Math.min(map.getBoundsZoom(limits, true), map.getZoom()));

    const show = opener(map, data);
    const page = { map, data: many ? many.data : data, marks, statistics, selection, state, show };
    const timeline = new geoinc.Timeline(page);
    const panel = geoinc.panel(data, narrow.matches, many ? many.parts(page) : recorded(page));
    container.append(panel);
    place(map, panel, timeline.node);
    new geoinc.Measure(map);
    remember(map, state);
    geoinc.printable(map, sheets, () => timeline.measure());
    state.read();
    timeline.refresh();
    // Names keep clear of both, whose sizes are known only now.
    timeline.measure();
    marks.beside?.([panel, timeline.node].filter(Boolean));

    map.on("click", (event) => {
      if (container.classList.contains("geoinc-measuring")) return;
      const groups = marks.under(event.containerPoint);
      if (many && groups.length) return many.choose(groups[0], page);
      const closer = many ? null : marks.closer(groups, map);
      if (closer) return map.fitBounds(closer, { padding: [60, 60] });
      if (groups.length) return show(places(data, groups), at(map, groups, event.latlng));
      const figures = statistics.under(event.containerPoint);
      if (figures.length) L.popup({ maxWidth: 360 }).setLatLng(event.latlng).setContent(statistics.popup(figures)).openOn(map);
    });
    map.on("mousemove", (event) => {
      if (event.originalEvent.buttons) return;
      const groups = event.originalEvent.target === container ? marks.under(event.containerPoint) : [];
      container.style.cursor = groups.length ? "pointer" : "";
      marks.hover(groups);
    });
    container.dataset.geoinc = "ready";
  }

  /** The parts of the panel of a map that has a record of every incident. */
  function recorded(page) {
    page.precision = geoinc.precision(page.data);
    page.open = (incident) => page.show(...alone(page.map, page.data, incident));
    return geoinc.parts(page, {
      search: geoinc.search(page),
      list: new geoinc.List(page).node,
      exporting: geoinc.exporting(page),
    });
  }

  /** What stands on every map of ours: a scale, words for the buttons, a credit without a flag. */
  function furnish(map) {
    const container = map.getContainer();
    // Leaflet's panes count from the left; our own parts say their direction themselves.
    container.dir = "ltr";
    const rtl = document.documentElement.dir === "rtl";
    container.classList.toggle("geoinc-rtl", rtl);
    map.attributionControl.setPrefix("Leaflet");
    map.attributionControl.setPosition(rtl ? "bottomleft" : "bottomright");
    L.control.scale({ imperial: false, position: rtl ? "bottomleft" : "bottomright" }).addTo(map);
    for (const [part, words] of [["in", "zoomIn"], ["out", "zoomOut"]]) {
      const button = container.querySelector(`.leaflet-control-zoom-${part}`);
      button.title = say(words);
      button.setAttribute("aria-label", say(words));
    }
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      Object.assign(map.options, { inertia: false, fadeAnimation: false });
      map._zoomAnimated = false;
      map.panBy = (offset, options) => L.Map.prototype.panBy.call(map, offset, { ...options, animate: false });
    }
    const ground = () => (container.style.backgroundColor = PALETTE.sea);
    geoinc.onRecolour(ground);
    ground();
  }

  /** Bring the data into view, beside the panel and above the timeline rather than under them. */
  function fit(map, bounds) {
    const [side, foot] = narrow.matches ? [[16, 24], [40, 120]] : [[330, 30], [60, 140]];
    const rtl = document.documentElement.dir === "rtl" && !narrow.matches;
    const [left, right] = rtl ? [foot[0], side[0]] : [side[0], foot[0]];
    map.fitBounds(bounds, { paddingTopLeft: [left, side[1]], paddingBottomRight: [right, foot[1]], maxZoom: 10, animate: false });
  }

  /** The timeline stands below the map, or on a phone in the panel; what is at the foot moves up. */
  function place(map, panel, timeline) {
    const container = map.getContainer();
    const settle = () => {
      const home = narrow.matches ? panel.querySelector(".geoinc-body") : container;
      if (timeline && timeline.parentNode !== home) home.prepend(timeline);
      const foot = narrow.matches ? panel.querySelector("header").offsetHeight : timeline ? timeline.offsetHeight + 14 : 0;
      container.style.setProperty("--foot", `${foot}px`);
    };
    if (timeline) {
      apart(timeline).dir = document.documentElement.dir;
    }
    settle();
    narrow.addEventListener("change", settle);
    const watch = new ResizeObserver(settle);
    for (const node of [timeline, panel.querySelector("header")]) if (node) watch.observe(node);
  }

  /** Keep the view of the map in the address, as "zoom/latitude/longitude". */
  function remember(map, state) {
    const now = () => [map.getZoom(), map.getCenter().lat.toFixed(4), map.getCenter().lng.toFixed(4)].join("/");
    const first = now();
    state.define("map", {
      blank: first,
      filter: false,
      apply: (view) => {
        const [zoom, latitude, longitude] = view.split("/").map(Number);
        if (view !== now()) map.setView([latitude, longitude], zoom, { animate: false });
      },
      read: (text) => (text.split("/").length === 3 && text.split("/").every((part) => Number.isFinite(Number(part))) ? text : null),
    });
    map.on("moveend", () => state.set("map", now()));
  }

  /** Where a popup points: the place itself, or the spot chosen inside an area. */
  function at(map, groups, latlng) {
    if (groups[0].area) return latlng;
    const scale = map.options.crs.scale(0);
    return map.options.crs.pointToLatLng(L.point(groups[0].x * scale, groups[0].y * scale), 0);
  }

  /** "air base · Anbar, IQ · ± 5 km" */
  function described(data, place) {
    const get = (name) => data.places.get(name, place);
    const where = [...new Set([get("admin1"), get("country")].filter(Boolean))].join(say("comma"));
    const within = say("within", { n: km(get("uncertainty_m")) }).replaceAll(" ", "\u00a0");
    const kind = [get("kind") && term(get("kind")), get("label") && get("name")].filter(Boolean).join(" ");
    return { heading: geoinc.calledOn(data, place), about: [kind, where, within].filter(Boolean).join(" · ") };
  }

  /** Sections of a list: each place once, with its incidents and the roles it has in them. */
  function places(data, groups) {
    const sections = new Map();
    for (const { place, role, incidents } of groups) {
      if (!sections.has(place)) sections.set(place, new Map());
      const roles = sections.get(place);
      for (const incident of incidents) {
        if (!roles.has(incident)) roles.set(incident, new Set());
        roles.get(incident).add(role);
      }
    }
    return [...sections].map(([place, roles]) => ({ ...described(data, place), roles, incidents: [...roles.keys()].sort((a, b) => a - b) }));
  }

  /** One incident at its place, the target's before another: what to show, and where. */
  function alone(map, data, incident) {
    const rows = data.accountsOf.get(incident).flatMap((account) => data.rowsOf.get(account));
    const drawn = rows.filter((row) => data.rows.get("drawn", row) !== undefined);
    const row = drawn.find((one) => data.rows.get("role", one) === "target") ?? drawn[0];
    if (row === undefined) return [[{ heading: data.incidents.get("where", incident) ?? "", incidents: [incident] }]];
    const place = data.rows.get("drawn", row);
    const latlng = L.latLng(data.places.get("latitude", place), data.places.get("longitude", place));
    if (!map.getBounds().pad(-0.1).contains(latlng)) map.panTo(latlng, { animate: false });
    return [[{ ...described(data, place), incidents: [incident] }], latlng];
  }

  /** A function that shows sections of incidents: beside the map's place, or over the page. */
  function opener(map, data) {
    const dialog = el("dialog", { class: "geoinc-dialog", "aria-label": say("incidentList"), dir: document.documentElement.dir });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    let back = null;
    map.on("popupclose", () => {
      if (back?.isConnected) back.focus();
      back = null;
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && map.closePopup());

    return (sections, latlng) => {
      const body = apart(el("div", { class: "geoinc-popup", tabindex: "-1", dir: document.documentElement.dir }));
      for (const { heading, about, incidents, roles } of sections) {
        const single = sections.length === 1 && incidents.length === 1;
        body.append(el("h2", {}, said(heading)));
        if (about) body.append(el("p", {}, `${about} · ${plural(incidents.length, "incident")}`));
        body.append(geoinc.list(data, incidents, { roles, open: single }));
      }
      if (latlng && !narrow.matches) {
        const focused = document.activeElement;
        const rtl = document.documentElement.dir === "rtl";
        const foot = [12, 150];
        const options = {
          maxWidth: 460,
          minWidth: 400,
          autoPanPaddingTopLeft: rtl ? [60, 12] : [340, 12],
          autoPanPaddingBottomRight: rtl ? [340, foot[1]] : [60, foot[1]],
        };
        const popup = L.popup(options).setLatLng(latlng).setContent(body).openOn(map);
        const close = popup.getElement().querySelector(".leaflet-popup-close-button");
        close.setAttribute("aria-label", say("close"));
        const settle = () => {
          const active = document.activeElement;
          // Twice: after it has moved the map, Leaflet's popup leaves the next call out.
          for (const _ of [1, 2]) popup.update();
          // It takes its content out and puts it in again.
          if (body.contains(active)) active.focus({ preventScroll: true });
        };
        body.addEventListener("toggle", () => requestAnimationFrame(settle), true);
        back = focused;
        body.focus({ preventScroll: true });
        return;
      }
      const close = el("button", { type: "button", class: "geoinc-close", "aria-label": say("close"), onclick: () => dialog.close() }, "×");
      dialog.replaceChildren(close, body);
      dialog.showModal();
      body.focus({ preventScroll: true });
    };
  }

  geoinc.open = open;
})();
