/*
 * An incident as something to read: its accounts side by side.
 */
(() => {
  "use strict";

  const { ROLES, say, plural, term, terms, reworded, km, el, said, link, symbol } = geoinc;

  /** Columns of an account that its card words itself; all others are listed as they are. */
  const WORDED = new Set([
    "incident", "report", "source", "original_source", "url", "published", "date", "time",
    "date_basis", "launch", "target", "impact", "event_type", "weapon", "target_type", "target_actor",
    "outcome", "actor", "actor_basis", "claimed_by", "attributed_by", "denied_by", "standing", "include",
    "reason", "notes",
  ]);
  const COUNTS = { events: "events", fired: "countFired", intercepted: "countIntercepted", killed: "countKilled", injured: "countInjured" };

  /** Lines of a list that are made before the reader asks for more. */
  const AT_ONCE = 100;

  /** "39 km (18–61)": the distance of the centres, and the bounds of the areas. */
  const distance = (best, low, high) => say("kmBounds", { n: km(best), low: km(low), high: km(high) });

  /** A count with its bounds: "7", "2–3", "at least 10"; empty where not told. */
  function range(low, best, high) {
    if (low === undefined && high === undefined) return best === undefined ? "" : `${best}`;
    const bounds = low === high ? `${low}`
      : high === undefined ? say("atLeast", { n: low })
      : low === undefined ? say("upTo", { n: high })
      : say("bounds", { low, high });
    return best === undefined || low === high ? bounds : `${best} (${bounds})`;
  }

  const bounds = (table, name, row) => ["low", "best", "high"].map((bound) => table.get(`${name}_${bound}`, row));

  /** The days a date was read as; either end may be open. */
  function span(from, to) {
    if (from === to) return from ?? "";
    return say(from && to ? "daySpan" : from ? "dayFrom" : "dayBy", { from, to });
  }

  /** The days of an incident in the page's language: Python joins them by "to", "from" and "by". */
  function when(data, incident) {
    const told = data.incidents.get("when", incident) ?? say("dateUnknown");
    const found = /^(?:from (\S+)|(?:(\S+) to |by )(\S+))$/.exec(told);
    return found ? span(found[1] ?? found[2], found[3]) : told;
  }

  /** "Name, province, country", as far as each part is known. */
  function fullName(table, row, prefix = "") {
    const parts = [`${prefix}name`, `${prefix}admin1`, `${prefix}country`].map((name) => table.get(name, row));
    return [...new Set(parts.filter(Boolean))].join(", ");
  }

  /** Why a place was chosen ("sure: name as written; in IQ as said") in the page's language; what it has no words for is marked as English. */
  function why(reason) {
    if (geoinc.language.startsWith("en")) return [said(reason)];
    const [, grade, rest] = /^(?:(sure|check|unknown): )?(.*)$/s.exec(reason);
    const told = rest.split("; ").flatMap((part, i) => {
      const own = reworded(part);
      return [i ? "; " : "", own ?? el("span", { lang: "en", dir: "ltr" }, part)];
    });
    return [grade ? `${term(grade)}: ` : "", ...told];
  }

  /** One place of an account: its words, what they resolved to, and how well. */
  function placeLine(data, row) {
    const rows = data.rows;
    const words = rows.get("place", row);
    const status = rows.get("place_status", row);
    if (words === undefined || status === "not told") return null;
    const line = el("dd", {}, el("q", { dir: "auto" }, words));
    const rounds = range(...bounds(rows, "rounds", row));
    if (rounds && !words.endsWith("]")) line.append(` [${rounds}]`);
    if (rows.get("place_basis", row) === "inferred") line.append(` ${say("inferred")}`);
    const name = said(fullName(rows, row, "place_"));
    if (status === "resolved") {
      const within = say("within", { n: km(rows.get("uncertainty_m", row)) }).replaceAll(" ", "\u00a0");
      line.append(el("span", { class: "geoinc-found" }, `${say("arrow")} `, name, ` ${within}`));
    } else if (rows.get("place_name", row)) {
      line.append(el("span", { class: "geoinc-found" }, `${say("hint", { status: term(status) })} `, name));
    } else {
      line.append(el("span", { class: "geoinc-found" }, say("notFound", { status: term(status) })));
    }
    for (const column of ["place_reason", "drawn_as"]) {
      const reason = rows.get(column, row);
      if (reason) line.append(el("small", {}, ...why(reason)));
    }
    return line;
  }

  /** One account of an incident: who says what, and what was made of it. */
  function card(data, account) {
    const get = (name) => data.accounts.get(name, account);
    const list = el("dl");
    const add = (name, ...values) => {
      const present = values.filter((value) => value !== undefined && value !== "");
      if (present.length) list.append(el("dt", { dir: "auto" }, name), el("dd", {}, ...present));
    };
    const joined = (...values) => values.filter(Boolean).join(", ");

    const written = joined(get("date"), get("time")).replace(", ", " ");
    const days = span(get("date_start"), get("date_end"));
    const basis = joined(days === get("date") ? "" : days, get("date_basis") && term(get("date_basis")));
    add(say("date"), written && said(written), basis && ` (${basis})`);
    for (const role of Object.keys(ROLES)) {
      for (const row of data.rowsOf.get(account)) {
        const line = data.rows.get("role", row) === role && placeLine(data, row);
        if (line) list.append(el("dt", {}, say(ROLES[role].name)), line);
      }
    }
    const what = joined(get("event_type") && terms(get("event_type")), get("weapon"));
    add(say("what"), what && said(what));
    const aim = joined(get("target_type"), get("target_actor"));
    add(say("aimedAt"), aim && said(aim));
    add(say("outcome"), get("outcome") && said(terms(get("outcome"))));
    for (const [name, title] of Object.entries(COUNTS)) {
      const read = range(...bounds(data.accounts, name, account));
      const words = get(name);
      if (words === undefined && (name === "events" || !read)) continue;
      add(say(title), words !== undefined && said(words), read && read !== words ? (words === undefined ? read : ` (${read})`) : "");
    }
    if (get("actor")) add(say("actor"), said(get("actor")), ` (${get("actor_basis") ? term(get("actor_basis")) : say("noBasis")})`);
    for (const name of ["claimed_by", "attributed_by", "denied_by"]) add(say(name), get(name) && said(get(name)));
    if (get("standing") !== "counted") add(say("counted"), say("notCounted", { standing: term(get("standing")) }));
    for (const name of ["reason", "notes"]) add(say(name), get(name) && said(get(name)));
    for (const name of data.extra) if (!WORDED.has(name)) add(name, get(name) !== undefined && said(get(name)));

    const source = get("source") ?? get("report") ?? say("anAccount");
    const head = el("header", {}, said(source, "strong"));
    if (get("original_source")) head.append(el("span", {}, `${say("citing")} `, said(get("original_source"))));
    if (get("report") && get("report") !== source) head.append(el("span", {}, said(get("report"))));
    if (get("published")) head.append(el("span", {}, `${say("published")} `, said(get("published"))));
    if (get("url")) head.append(el("span", {}, link(get("url"))));
    // What tells of violence in detail is there for who asks for it.
    const body = get("~graphic") === 1 ? el("details", { class: "geoinc-graphic" }, el("summary", {}, say("graphic")), list) : list;
    return el("article", { class: "geoinc-card" }, head, body);
  }

  /** The distances from launch to target that the accounts of an incident give. */
  function distances(data, incident) {
    const list = el("ul", { class: "geoinc-distances" });
    for (const row of data.linksOf.get(incident)) {
      const value = (name) => data.links.get(name, row);
      if (value("distance_m") === undefined) continue;
      const ends = ["launch_row", "target_row"].map((name) => data.rows.get("place_name", value(name)));
      const item = el("li", {}, el("b", {}, distance(value("distance_m"), value("low_m"), value("high_m"))), " ");
      item.append(said(ends[0]), ` ${say("arrow")} `, said(ends[1]));
      if (value("pair") === "assumed") item.append(`, ${say("assumedPair")}`);
      if (value("coverage") < 1) item.append(`, ${say("coverage", { n: Math.round(value("coverage") * 100) })}`);
      const told = [...list.children].some((other) => other.textContent === item.textContent);
      if (!told) list.append(item);
    }
    return list;
  }

  /** The whole record of an incident: distances, then its accounts side by side. */
  function record(data, incident) {
    const body = el("div", { class: "geoinc-record" });
    const disputed = data.incidents.get("disputed", incident);
    if (disputed) {
      // Names of columns; the page has words for most of them.
      const matters = disputed.split(", ").map((name) => (say(name) || name.replaceAll("_", " ")).toLowerCase());
      body.append(el("p", {}, say("disputed", { what: matters.join(say("comma")) })));
    }
    if (data.incidents.get("split", incident)) body.append(el("p", {}, say("split")));
    const far = distances(data, incident);
    if (far.children.length) body.append(far);
    const cards = data.accountsOf.get(incident).map((account) => card(data, account));
    body.append(el("div", { class: "geoinc-cards" }, ...cards));
    return body;
  }

  /** The counts of an incident in a few words: "7 fired, at least 2 killed". */
  function facts(data, incident) {
    const words = [];
    for (const name of Object.keys(COUNTS)) {
      const [low, best, high] = bounds(data.incidents, name, incident);
      if (high === 0) continue;
      const told = low === undefined && high === undefined ? best !== undefined && say("about", { n: best }) : range(low, undefined, high);
      if (told) words.push(`${told} ${say(name === "events" ? "attacks" : name)}`);
    }
    return words.join(say("comma"));
  }

  /** One line of the list, which opens to its record; that is made then. */
  function entry(data, incident, { roles, open }) {
    const get = (name) => data.incidents.get(name, incident);
    const accounts = data.accountsOf.count(incident);
    const told = [!roles && get("where"), get("event_type") && terms(get("event_type")), facts(data, incident), accounts > 1 && plural(accounts, "account")];
    const summary = el("summary", {}, el("time", {}, when(data, incident)));
    summary.append(el("span", { dir: "auto" }, told.filter(Boolean).join(" · ")));
    if (roles) summary.append(el("i", {}, ...[...roles.get(incident)].map(symbol)));
    const node = el("details", {}, summary);
    const fill = () => node.children.length === 1 && node.append(record(data, incident));
    node.addEventListener("toggle", () => node.open && fill());
    if (open) {
      fill();
      node.open = true;
    }
    return el("li", {}, node);
  }

  /** Incidents as a dated list, so many at a time. */
  function list(data, incidents, { roles, open = incidents.length === 1 } = {}) {
    const node = el("ol", { class: "geoinc-list" });
    let next = 0;
    const more = el("button", { type: "button", class: "geoinc-more", onclick: () => add() });
    const rest = el("li", {}, more);
    const add = () => {
      const first = node.children[next];
      const part = incidents.slice(next, (next += AT_ONCE));
      rest.remove();
      node.append(...part.map((incident) => entry(data, incident, { roles, open })));
      more.textContent = say("more", { n: incidents.length - next });
      if (next < incidents.length) node.append(rest);
      if (first) node.children[next - part.length].querySelector("summary").focus();
    };
    add();
    return node;
  }

  Object.assign(geoinc, { facts, list, when });
})();
