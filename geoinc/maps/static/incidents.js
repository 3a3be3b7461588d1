/*
 * The page around the map: the panel with its legend and lists, and what
 * opens when something is chosen.  `geoinc.open(map, id, bounds)` starts it.
 */
(() => {
  "use strict";

  const { ROLES, say, plural, term, km, el, said, symbol } = geoinc;
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
    map.attributionControl.setPrefix("Leaflet");
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    fit(map, bounds);
    const data = await geoinc.decode(id);
    const limits = L.latLngBounds(data.limits);
    map.attributionControl.addAttribution(say("credit", { version: data.version, made: data.made }));
    const selection = new geoinc.Selection(data);
    const marks = new geoinc.Marks(data, selection);
    geoinc.basemap(data.basemap).addTo(map);
    marks.sheet.addTo(map);
    map.setMaxBounds(limits);
    map.setMinZoom(Math.min(map.getBoundsZoom(limits, true), map.getZoom()));

    const show = opener(map, data);
    const about = panel(map, data, marks, selection, show);
    map.getContainer().append(about);
    map.getContainer().style.setProperty("--foot", `${about.offsetHeight}px`);
    map.on("click", (event) => {
      const groups = marks.under(event.containerPoint);
      if (groups.length) show(places(data, groups), at(map, groups, event.latlng));
    });
    map.on("mousemove", (event) => {
      if (event.originalEvent.buttons) return;
      const groups = event.originalEvent.target === map.getContainer() ? marks.under(event.containerPoint) : [];
      map.getContainer().style.cursor = groups.length ? "pointer" : "";
      marks.hover(groups);
    });
    map.getContainer().dataset.geoinc = "ready";
  }

  /** Bring the data into view, beside the panel rather than under it. */
  function fit(map, bounds) {
    const beside = narrow.matches ? [16, 24] : [330, 30];
    const below = narrow.matches ? [40, 120] : [60, 40];
    map.fitBounds(bounds, { paddingTopLeft: beside, paddingBottomRight: below, maxZoom: 10, animate: false });
  }

  /** Where a popup points: the place itself, or the spot chosen inside an area. */
  function at(map, groups, latlng) {
    if (groups[0].area) return latlng;
    const scale = map.options.crs.scale(0);
    return map.options.crs.pointToLatLng(L.point(groups[0].x * scale, groups[0].y * scale), 0);
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
    return [...sections].map(([place, roles]) => {
      const get = (name) => data.places.get(name, place);
      const where = [...new Set([get("admin1"), get("country")].filter(Boolean))].join(", ");
      const about = [get("kind") && term(get("kind")), where, say("within", { n: km(get("uncertainty_m")) })].filter(Boolean).join(" · ");
      return { heading: get("name") ?? "", about, roles, incidents: [...roles.keys()].sort((a, b) => a - b) };
    });
  }

  /** A function that shows sections of incidents: beside the map's place, or over the page. */
  function opener(map, data) {
    const dialog = el("dialog", { class: "geoinc-dialog", "aria-label": "Incidents" });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    let back = null;
    map.on("popupclose", () => {
      if (back?.isConnected) back.focus();
      back = null;
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && map.closePopup());

    return (sections, latlng) => {
      const body = el("div", { class: "geoinc-popup", tabindex: "-1" });
      for (const { heading, about, incidents, roles } of sections) {
        const single = sections.length === 1 && incidents.length === 1;
        body.append(el("h2", { dir: "auto" }, heading));
        if (about) body.append(el("p", {}, `${about} · ${plural(incidents.length, "incident")}`));
        body.append(geoinc.list(data, incidents, { roles, open: single }));
      }
      if (latlng && !narrow.matches) {
        const focused = document.activeElement;
        const options = { maxWidth: 460, minWidth: 400, autoPanPaddingTopLeft: [340, 12], autoPanPaddingBottomRight: [60, 12] };
        const popup = L.popup(options).setLatLng(latlng).setContent(body).openOn(map);
        // Twice: after it has moved the map, Leaflet's popup leaves the next call out.
        const settle = () => [1, 2].forEach(() => popup.update());
        body.addEventListener("toggle", () => requestAnimationFrame(settle), true);
        back = focused;
        body.focus({ preventScroll: true });
        return;
      }
      const close = el("button", { type: "button", class: "geoinc-close", "aria-label": "Close", onclick: () => dialog.close() }, "×");
      dialog.replaceChildren(close, body);
      dialog.showModal();
      body.focus({ preventScroll: true });
    };
  }

  /** The panel: what is shown, what the marks mean, and what no mark can show. */
  function panel(map, data, marks, selection, show) {
    const { header } = data;
    const toggle = el("button", { type: "button", class: "geoinc-fold", "aria-controls": "geoinc-body" });
    const body = el("div", { id: "geoinc-body", class: "geoinc-body" });
    const node = el("section", { class: "geoinc-panel", "aria-label": "About this map" });
    const fold = (closed) => {
      node.classList.toggle("geoinc-folded", closed);
      toggle.setAttribute("aria-expanded", String(!closed));
      toggle.setAttribute("aria-label", say(closed ? "unfold" : "fold"));
    };
    toggle.addEventListener("click", () => fold(!node.classList.contains("geoinc-folded")));
    fold(narrow.matches);

    const counts = [plural(header.incidents, "incident"), plural(header.accounts, "account"), plural(header.places, "place")].join(", ");
    const rest = [plural(header.summaries, "summary"), plural(header.not_placed, "notPlaced")].join(", ");
    node.append(el("header", {}, el("h1", { dir: "auto" }, data.title), toggle, el("p", {}, `${counts}; ${rest}`)), body);
    body.append(legend(data, marks, selection), chips(data, show), index(map, data, marks, show), about(data));
    L.DomEvent.disableClickPropagation(node);
    L.DomEvent.disableScrollPropagation(node);
    return node;
  }

  /** The roles with their counts, which show and hide them, and what the lines mean. */
  function legend(data, marks, selection) {
    const groups = [...marks.groups.values()];
    const shown = el("p", { class: "geoinc-shown", "aria-live": "polite" });
    const count = () => {
      const visible = groups.filter((group) => selection.roles.has(group.role));
      const incidents = new Set(visible.flatMap((group) => [...group.incidents]));
      const drawn = new Set(visible.map((group) => group.place));
      shown.textContent = say("shown", { incidents: plural(incidents.size, "incident"), places: plural(drawn.size, "place") });
    };
    const list = el("ul", { class: "geoinc-legend" });
    for (const role of Object.keys(ROLES)) {
      const incidents = new Set(groups.filter((group) => group.role === role).flatMap((group) => [...group.incidents]));
      if (!incidents.size) continue;
      const box = el("input", { type: "checkbox", checked: "" });
      box.addEventListener("change", () => {
        const roles = new Set(selection.roles);
        roles[box.checked ? "add" : "delete"](role);
        selection.setRoles(roles);
        count();
      });
      list.append(el("li", {}, el("label", {}, box, symbol(role), el("span", {}, say(ROLES[role].plural)), el("b", {}, String(incidents.size)))));
    }
    const keys = el("ul", { class: "geoinc-keys" });
    if (groups.some((group) => group.area)) {
      keys.append(el("li", {}, el("i", { class: "geoinc-key-area" }), say("keyArea")));
    }
    if (marks.links.length) {
      keys.append(el("li", {}, el("i", { class: "geoinc-key-link" }), say("keyLink")));
      if (marks.links.some(({ from, to }) => from.area || to.area)) {
        keys.append(el("li", {}, el("i", { class: "geoinc-key-link geoinc-key-coarse" }), say("keyCoarse")));
      }
      keys.append(el("li", {}, el("i", { class: "geoinc-key-ring" }), say("keyRing")));
    }
    count();
    return el("div", {}, list, keys, shown);
  }

  /** Incidents that no mark can show, or that have no date: each chip opens their list. */
  function chips(data, show) {
    const list = el("div", { class: "geoinc-chips" });
    for (const { kind, place, incidents } of data.chips) {
      const label = say(kind, { n: incidents.length, place });
      const open = () => show([{ heading: label, incidents }]);
      list.append(el("button", { type: "button", dir: "auto", onclick: open }, label));
    }
    for (const note of data.notices) list.append(el("p", {}, note));
    return list;
  }

  /** Every place on the map as a button: the map for keyboard and screen reader. */
  function index(map, data, marks, show) {
    const groups = [...marks.groups.values()].sort((a, b) => b.incidents.size - a.incidents.size);
    const byPlace = new Map();
    for (const group of groups) byPlace.set(group.place, [...(byPlace.get(group.place) ?? []), group]);
    const list = el("ul");
    for (const [place, found] of byPlace) {
      const go = () => {
        const latlng = at(map, [{ ...found[0], area: false }]);
        if (!map.getBounds().pad(-0.1).contains(latlng)) map.panTo(latlng, { animate: false });
        show(places(data, found), latlng);
      };
      const incidents = new Set(found.flatMap((group) => [...group.incidents]));
      const name = said(data.places.get("name", place) ?? "", "span");
      const icons = el("i", {}, ...found.map((group) => symbol(group.role)));
      list.append(el("li", {}, el("button", { type: "button", onclick: go }, icons, name, el("b", {}, String(incidents.size)))));
    }
    return el("details", { class: "geoinc-index" }, el("summary", {}, `Places (${byPlace.size})`), list);
  }

  /** Where the facts come from, and what the map does not say. */
  function about(data) {
    const list = el("details", { class: "geoinc-about" }, el("summary", {}, "About this map"));
    for (const paragraph of [...geoinc.paragraphs("method"), say("sources", { sources: data.sources.join(", ") })]) list.append(el("p", { dir: "auto" }, paragraph));
    return list;
  }

  geoinc.open = open;
})();
