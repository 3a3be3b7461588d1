/*
 * Elements of the page.  Every word reaches it through textContent; nothing
 * here builds HTML from text.
 */
(() => {
  "use strict";

  const { ROLES, say } = geoinc;

  /** Make an element; children are elements or text, never HTML. */
  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== undefined && value !== false) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== "" && child != null));
    return node;
  }

  /** Text of a report: its own direction, kept from mixing with its surroundings. */
  const said = (text, tag = "bdi") => el(tag, { dir: "auto" }, String(text));

  /** A link to a source, or its words alone where it is no web address. */
  function link(address) {
    let url;
    try {
      url = new URL(address);
    } catch {
      return said(address);
    }
    if (url.protocol !== "https:" && url.protocol !== "http:") return said(address);
    const attributes = { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow", title: url.href };
    return el("a", attributes, url.hostname);
  }

  /** A drawing of one path in a box of 20 by 20. */
  function drawing(path, attributes) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 20 20");
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }

  const SHAPES = {
    target: "M4 4h12v12H4z",
    launch: "M10 3l8 14H2z",
    impact: "M10 3a7 7 0 100 14 7 7 0 000-14zM7.5 7.5l5 5M12.5 7.5l-5 5",
  };

  /** The symbol of a role, as in the legend. */
  const symbol = (role) => drawing(SHAPES[role], { class: `geoinc-symbol geoinc-${role}`, role: "img", "aria-label": say(ROLES[role].name) });

  /** A drawing on a button whose name is said otherwise. */
  const icon = (path) => drawing(path, { class: "geoinc-icon", "aria-hidden": "true" });

  /** Keep what is clicked and scrolled in a part of the page from the map below it. */
  function apart(node) {
    L.DomEvent.disableClickPropagation(node);
    L.DomEvent.disableScrollPropagation(node);
    // Leaflet looks from what was clicked upwards, and finds nothing where a click has taken that away.
    node.addEventListener("click", (event) => event.stopPropagation());
    return node;
  }

  /** A part of the panel that opens; `fill` makes what is in it when it first does. */
  function disclosure(name, heading, fill) {
    const node = el("details", { class: `geoinc-${name}` }, el("summary", {}, heading));
    const open = () => node.open && node.children.length === 1 && node.append(...fill());
    node.addEventListener("toggle", open);
    return node;
  }

  Object.assign(geoinc, { el, said, link, symbol, icon, apart, disclosure });
})();
