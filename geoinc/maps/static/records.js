/*
 * An incident as something to read: its accounts side by side.
 *
 * Every word of a report reaches the page through textContent; nothing here
 * builds HTML from text.
 */
(() => {
  "use strict";

  /** The roles, in Okabe and Ito's colours; `ink` is dark enough for small letters. */
  const ROLES = {
    target: { name: "Target", plural: "Targets", colour: "#0072B2", ink: "#23272E" },
    launch: { name: "Launch", plural: "Launches", colour: "#D55E00", ink: "#9C4500" },
    impact: { name: "Impact", plural: "Impacts", colour: "#5B2A86", ink: "#5B2A86" },
  };

  /** Columns of an account that its card words itself; all others are listed as they are. */
  const WORDED = new Set([
    "incident", "report", "source", "original_source", "url", "published", "date", "time",
    "date_basis", "launch", "target", "impact", "event_type", "weapon", "target_type", "target_actor",
    "outcome", "actor", "actor_basis", "claimed_by", "attributed_by", "denied_by", "standing", "include",
    "reason", "notes",
  ]);
  const COUNTS = ["events", "fired", "intercepted", "killed", "injured"];

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

  /** "1 place", "2 places", "3 summaries", never broken between lines. */
  const plural = (n, word) => `${n}\u00a0${n === 1 ? word : `${word}s`.replace(/ys$/, "ies")}`;

  /** Metres as kilometres, no finer than a reader can use. */
  const km = (metres) => (metres < 9950 ? (metres / 1000).toFixed(1).replace(/\.0$/, "") : String(Math.round(metres / 1000)));

  /** "39 km (18–61)": the distance of the centres, and the bounds of the areas. */
  const distance = (best, low, high) => `${km(best)} km (${km(low)}–${km(high)})`;

  /** A count with its bounds: "7", "2–3", "at least 10"; empty where not told. */
  function range(low, best, high) {
    const bounds = low === high ? `${low}` : high === undefined ? `at least ${low}` : low === undefined ? `up to ${high}` : `${low}–${high}`;
    if (low === undefined && high === undefined) return best === undefined ? "" : `${best}`;
    return best === undefined || low === high ? bounds : `${best} (${bounds})`;
  }

  /** The days a date was read as; either end may be open. */
  function span(start, end) {
    if (start === end) return start ?? "";
    return start && end ? `${start} to ${end}` : start ? `from ${start}` : `by ${end}`;
  }

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

  /** A symbol as in the legend. */
  function symbol(role) {
    const shapes = {
      target: "M4 4h12v12H4z",
      launch: "M10 3l8 14H2z",
      impact: "M10 3a7 7 0 100 14 7 7 0 000-14zM7.5 7.5l5 5M12.5 7.5l-5 5",
    };
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("class", `geoinc-symbol geoinc-${role}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", ROLES[role].name);
    path.setAttribute("d", shapes[role]);
    svg.append(path);
    return svg;
  }

  /** "Balad Air Base, Salah al-Din, IQ", as far as each part is known. */
  function fullName(table, row, prefix = "") {
    const parts = [`${prefix}name`, `${prefix}admin1`, `${prefix}country`].map((name) => table.get(name, row));
    return [...new Set(parts.filter(Boolean))].join(", ");
  }

  /** One place of an account: its words, what they resolved to, and how well. */
  function placeLine(data, row) {
    const rows = data.rows;
    const words = rows.get("place", row);
    const status = rows.get("place_status", row);
    if (words === undefined || status === "not told") return null;
    const line = el("dd", {}, el("q", { dir: "auto" }, words));
    const rounds = range(rows.get("rounds_low", row), rows.get("rounds_best", row), rows.get("rounds_high", row));
    if (rounds && !words.endsWith("]")) line.append(` [${rounds}]`);
    if (rows.get("place_basis", row) === "inferred") line.append(" (inferred)");
    if (status === "resolved") {
      const within = rows.get("uncertainty_m", row);
      line.append(el("span", { class: "geoinc-found" }, "→ ", said(fullName(rows, row, "place_")), ` ±\u00a0${km(within)}\u00a0km`));
    } else if (rows.get("place_name", row)) {
      line.append(el("span", { class: "geoinc-found" }, `→ ${status}; said to be in: `, said(fullName(rows, row, "place_"))));
    } else {
      line.append(el("span", { class: "geoinc-found" }, `→ not placed: ${status}`));
    }
    for (const name of ["place_reason", "drawn_as"]) {
      const why = rows.get(name, row);
      if (why) line.append(el("small", { dir: "auto" }, why));
    }
    return line;
  }

  /** One account of an incident: who says what, and what was made of it. */
  function card(data, account) {
    const get = (name) => data.accounts.get(name, account);
    const list = el("dl");
    const add = (name, ...values) => {
      const present = values.filter((value) => value !== undefined && value !== "");
      if (present.length) list.append(el("dt", {}, name), el("dd", {}, ...present));
    };
    const joined = (...names) => names.map(get).filter(Boolean).join(", ");

    const written = [get("date"), get("time")].filter(Boolean).join(" ");
    const days = span(get("date_start"), get("date_end"));
    const basis = [days === get("date") ? "" : days, get("date_basis")].filter(Boolean).join(", ");
    add("Date", written && said(written), basis && ` (${basis})`);
    for (const role of ["target", "launch", "impact"]) {
      for (const row of data.rowsOf.get(account) ?? []) {
        const line = data.rows.get("role", row) === role && placeLine(data, row);
        if (line) list.append(el("dt", {}, ROLES[role].name), line);
      }
    }
    add("What", joined("event_type", "weapon") && said(joined("event_type", "weapon")));
    add("Aimed at", joined("target_type", "target_actor") && said(joined("target_type", "target_actor")));
    add("Outcome", get("outcome") && said(get("outcome")));
    for (const name of COUNTS) {
      const read = range(...["low", "best", "high"].map((bound) => get(`${name}_${bound}`)));
      const words = get(name);
      if (words === undefined && (name === "events" || !read)) continue;
      add(title(name), words !== undefined && said(words), read && read !== words ? (words === undefined ? read : ` (${read})`) : "");
    }
    if (get("actor")) add("Actor", said(get("actor")), ` (${get("actor_basis") ?? "basis not told"})`);
    for (const name of ["claimed_by", "attributed_by", "denied_by"]) add(title(name), get(name) && said(get(name)));
    if (get("standing") !== "counted") add("Counted", `no: ${get("standing")}`);
    for (const name of ["reason", "notes"]) add(title(name), get(name) && said(get(name)));
    for (const name of data.extra) if (!WORDED.has(name)) add(name, get(name) !== undefined && said(get(name)));

    const source = get("source") ?? get("report") ?? "An account";
    const head = el("header", {}, said(source, "strong"));
    if (get("original_source")) head.append(el("span", {}, "citing ", said(get("original_source"))));
    if (get("report") && get("report") !== source) head.append(el("span", {}, said(get("report"))));
    if (get("published")) head.append(el("span", {}, "published ", said(get("published"))));
    if (get("url")) head.append(el("span", {}, link(get("url"))));
    return el("article", { class: "geoinc-card" }, head, list);
  }

  const title = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

  /** The distances from launch to target that the accounts of an incident give. */
  function distances(data, incident) {
    const list = el("ul", { class: "geoinc-distances" });
    for (const row of data.linksOf.get(incident) ?? []) {
      const value = (name) => data.links.get(name, row);
      if (value("distance_m") === undefined) continue;
      const ends = ["launch_row", "target_row"].map((name) => data.rows.get("place_name", value(name)));
      const item = el("li", {}, el("b", {}, distance(value("distance_m"), value("low_m"), value("high_m"))), " ");
      item.append(said(ends[0]), " → ", said(ends[1]));
      if (value("pair") === "assumed") item.append(", a pair that no account tells");
      if (value("coverage") < 1) item.append(`, bounds hold ${Math.round(value("coverage") * 100)} %`);
      const told = [...list.children].some((other) => other.textContent === item.textContent);
      if (!told) list.append(item);
    }
    return list;
  }

  /** The whole record of an incident: distances, then its accounts side by side. */
  function record(data, incident) {
    const accounts = data.accountsOf.get(incident) ?? [];
    const body = el("div", { class: "geoinc-record" });
    const note = data.incidents.get("note", incident);
    if (note) body.append(said(note, "p"));
    const far = distances(data, incident);
    if (far.children.length) body.append(far);
    body.append(el("div", { class: "geoinc-cards" }, ...accounts.map((account) => card(data, account))));
    return body;
  }

  /** Incidents as a dated list; an entry opens to its record, which is made then. */
  function list(data, incidents, { roles, open = incidents.length === 1 } = {}) {
    return el("ol", { class: "geoinc-list" }, ...incidents.map((incident) => {
      const get = (name) => data.incidents.get(name, incident);
      const accounts = data.accountsOf.get(incident) ?? [];
      const facts = [!roles && get("where"), get("event_type"), get("facts"), accounts.length > 1 && plural(accounts.length, "account")];
      const summary = el("summary", {}, el("time", {}, get("when") ?? "undated"));
      summary.append(el("span", { dir: "auto" }, facts.filter(Boolean).join(" · ")));
      if (roles) summary.append(el("i", {}, ...[...roles.get(incident)].map(symbol)));
      const entry = el("details", {}, summary);
      const fill = () => entry.children.length === 1 && entry.append(record(data, incident));
      entry.addEventListener("toggle", () => entry.open && fill());
      if (open) {
        fill();
        entry.open = true;
      }
      return el("li", {}, entry);
    }));
  }

  Object.assign(geoinc, { ROLES, el, said, plural, km, symbol, fullName, list });
})();
