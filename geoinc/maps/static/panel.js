/*
 * The panel: what is shown, what the marks mean, what no mark can show, and,
 * folded away, the rarer controls.
 */
(() => {
  "use strict";

  const { ROLES, ROLE_BITS, say, figure, plural, terms, el, said, symbol, apart, disclosure } = geoinc;

  /** The steps of "place known to within", in metres; the first is no limit. */
  const PRECISIONS = [Infinity, 100_000, 50_000, 25_000, 10_000, 5_000, 2_000, 1_000];
  /** Kinds of attack that have a box of their own; the rest share one. */
  const MOST_KINDS = 12;
  /** Countries that have a chip at first; the others wait behind one. */
  const MOST_COUNTRIES = 6;

  /** How well each incident's place is known, in metres: its target's, else its best; infinite where no mark shows it. */
  function precision({ incidents, accounts, rows }) {
    const drawn = rows.figures("drawn");
    const metres = rows.figures("uncertainty_m");
    const [target, other] = [0, 0].map(() => new Float64Array(incidents.length).fill(Infinity));
    const [account, incident, role] = [rows.figures("account"), accounts.figures("incident"), rows.codes("role")];
    const targets = rows.values("role").indexOf("target");
    for (let row = 0; row < rows.length; row++) {
      if (Number.isNaN(drawn[row])) continue;
      const best = role[row] === targets ? target : other;
      const i = incident[account[row]];
      best[i] = Math.min(best[i], metres[row]);
    }
    return target.map((known, i) => (known < Infinity ? known : other[i]));
  }

  /** A box to tick, with a symbol, a name and a live count. */
  function box(label, mark, onchange) {
    const input = el("input", { type: "checkbox", checked: "" });
    input.addEventListener("change", () => onchange(input.checked));
    const number = el("b");
    const node = el("li", {}, el("label", {}, input, mark, el("span", { dir: "auto" }, label), number));
    return { node, input, number };
  }

  /** Buttons of which one is pressed. */
  function choice(name, options, state) {
    const buttons = options.map((option) => el("button", { type: "button", value: option, onclick: () => state.set(name, option) }, say(option)));
    const sync = () => {
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === state.get(name)));
    };
    sync();
    return { node: el("div", { class: "geoinc-choice", role: "group", "aria-label": say(name) }, ...buttons), sync };
  }

  /** The roles with their counts, which show and hide them, and what the lines mean. */
  function legend(page) {
    const { data, selection, state } = page;
    const names = Object.keys(ROLES).filter((role) => data.rolesOf.some((bits) => bits & ROLE_BITS[role]));
    state.define("roles", {
      blank: Object.keys(ROLES),
      apply: (roles) => selection.setRoles(new Set(roles)),
      write: (roles) => [...roles].sort().join(),
      read: (text) => text.split(",").filter((role) => role in ROLES),
    });
    const boxes = names.map((role) => [role, box(say(ROLES[role].plural), symbol(role), (on) => {
      const roles = new Set(state.get("roles"));
      roles[on ? "add" : "delete"](role);
      state.set("roles", [...roles]);
    })]);
    const shown = el("span", { role: "status" });
    const clear = el("button", { type: "button", class: "geoinc-clear", onclick: () => state.clear() }, say("clear"));
    // Sums by the set of roles that an incident is drawn in, as bits.
    const sum = (sums, bits) => sums.reduce((total, n, roles) => total + (roles & bits ? n : 0), 0);
    const refresh = () => {
      const sums = selection.tally("roles", data.rolesOf, new Uint32Array(8));
      for (const [role, { input, number }] of boxes) {
        input.checked = state.get("roles").includes(role);
        number.textContent = figure(sum(sums, ROLE_BITS[role]));
      }
      const bits = state.get("roles").reduce((all, role) => all | ROLE_BITS[role], 0);
      const drawn = sum(selection.tally("", data.rolesOf, new Uint32Array(8)), bits);
      const values = { incidents: plural(drawn, selection.unit === "accounts" ? "account" : "incident"), places: plural(page.marks.groups.placesShown(), "place") };
      const filtered = state.filters().length > 0;
      shown.textContent = drawn || !filtered ? say("shown", values) : say("nothingShown");
      clear.hidden = !filtered;
    };
    selection.onChange(refresh);
    refresh();
    const list = el("ul", { class: "geoinc-legend" }, ...boxes.map(([, { node }]) => node));
    return el("div", {}, list, keys(page, names), el("div", { class: "geoinc-shown" }, shown, clear));
  }

  /** What areas, lines and shades mean, as far as there are any as the map is drawn now. */
  function keys({ data, selection, marks, map }, roles) {
    const area = data.places.figures("area");
    const drawn = data.rows.figures("drawn");
    const [from, to] = ["launch_row", "target_row"].map((name) => data.links.figures(name));
    let [links, coarse] = [false, false];
    for (let link = 0; link < data.links.length && !coarse; link++) {
      const [one, other] = [drawn[from[link]], drawn[to[link]]];
      if (Number.isNaN(one) || Number.isNaN(other)) continue;
      links = true;
      coarse = area[one] === 1 || area[other] === 1;
    }
    const lines = [["area", "keyArea", area.includes(1)], ["link", "keyLink", links], ["link geoinc-key-coarse", "keyCoarse", coarse], ["ring", "keyRing", links]];
    const list = el("ul", { class: "geoinc-keys" });
    const refresh = () => {
      const told = {
        points: lines,
        areas: [["area", "keyArea", true], ...lines.slice(1)],
        density: [],
      }[selection.mode].filter(([, , any]) => any);
      list.replaceChildren(...told.map(([name, words]) => el("li", {}, el("i", { class: `geoinc-key-${name}` }), say(words))));
      // A surface for each role that is shown.
      for (const role of selection.mode === "density" ? roles.filter((one) => selection.roles.has(one)) : []) {
        list.append(el("li", {}, el("i", { class: `geoinc-key-density geoinc-key-${role}` }), `${say(ROLES[role].plural)} · ${say("keyDensity")}`));
      }
      if (marks.links.omitted) list.append(el("li", {}, el("i", {}), say("keyOmitted", { n: marks.links.omitted })));
    };
    selection.onChange(refresh);
    map.on("moveend", refresh);
    refresh();
    return list;
  }

  /** Incidents that no mark can show, or that have no date: each chip opens their list. */
  function chips({ data, selection, show }) {
    const list = el("div", { class: "geoinc-chips" });
    // A filter that none of them could ever pass does not hide them.
    const blind = { undated: "days", somewhereIn: "better", launchedIn: "better", fellIn: "better", notPlaced: "better" };
    const all = data.chips.map(({ kind, place, incidents }) => {
      const chip = { kind, place, incidents };
      chip.node = el("button", { type: "button", dir: "auto", onclick: () => show([{ heading: chip.node.textContent, incidents: chip.shown }]) });
      list.append(chip.node);
      return chip;
    });
    const countries = all.filter(({ place }) => place).sort((a, b) => b.incidents.length - a.incidents.length);
    const rest = new Set(countries.slice(MOST_COUNTRIES));
    const more = el("button", { type: "button", class: "geoinc-more", "aria-expanded": "false", onclick: () => {
      more.setAttribute("aria-expanded", String(more.getAttribute("aria-expanded") === "false"));
      refresh();
    } });
    if (rest.size) list.append(more);
    const refresh = () => {
      const open = more.getAttribute("aria-expanded") === "true";
      let waiting = 0;
      const masks = new Map();
      for (const chip of all) {
        const except = blind[chip.kind];
        if (!masks.has(except)) masks.set(except, selection.mask(except));
        chip.shown = chip.incidents.filter((i) => masks.get(except)[i]);
        chip.node.textContent = say(chip.kind, { n: chip.shown.length, place: chip.place });
        const late = rest.has(chip) && chip.shown.length > 0;
        waiting += late;
        chip.node.hidden = chip.shown.length === 0 || (late && !open);
      }
      more.hidden = waiting === 0;
      more.textContent = say(open ? "fewerCountries" : "moreCountries", { n: waiting });
    };
    selection.onChange(refresh);
    refresh();
    for (const note of data.notices) list.append(el("p", { dir: "auto" }, note));
    return list;
  }

  /** Kinds of attack as boxes with live counts; the rarest share one. */
  function kinds(page) {
    const { data, selection, state } = page;
    const codes = data.incidents.codes("event_type");
    const values = data.incidents.values("event_type");
    const counted = new Uint32Array(values.length);
    if (codes) for (let i = 0; i < codes.length; i++) counted[codes[i]] += selection.counted[i];
    const order = [...values.keys()].filter((code) => counted[code]).sort((a, b) => counted[b] - counted[a]);
    state.define("hidden", {
      blank: [],
      apply: (hidden) => {
        const off = new Set(hidden.map((text) => values.indexOf(text)));
        selection.set("kinds", hidden.length ? (i) => !off.has(codes[i]) : null);
      },
      write: (hidden) => hidden.map(encodeURIComponent).sort().join(),
      read: (text) => text.split(",").filter(Boolean).map(decodeURIComponent).filter((value) => values.includes(value)),
    });
    if (order.length < 2) return null;
    const groups = order.length > MOST_KINDS ? [...order.slice(0, MOST_KINDS - 1).map((code) => [code]), order.slice(MOST_KINDS - 1)] : order.map((code) => [code]);
    const boxes = groups.map((group) => {
      const texts = group.map((code) => values[code]);
      const label = group.length > 1 ? say("restKinds", { n: group.length }) : texts[0] ? terms(texts[0]) : say("otherKind");
      return { group, texts, ...box(label, null, (on) => {
        const hidden = new Set(state.get("hidden"));
        for (const text of texts) hidden[on ? "delete" : "add"](text);
        state.set("hidden", [...hidden]);
      }) };
    });
    const node = el("fieldset", {}, el("legend", {}, say("kinds")), el("ul", { class: "geoinc-legend" }, ...boxes.map((one) => one.node)));
    const refresh = () => {
      if (!node.closest("[open]")) return;
      const sums = selection.tally("kinds", codes, new Uint32Array(values.length));
      for (const { group, texts, input, number } of boxes) {
        input.checked = !texts.some((text) => state.get("hidden").includes(text));
        number.textContent = figure(group.reduce((sum, code) => sum + sums[code], 0));
      }
    };
    selection.onChange(refresh);
    return { node, refresh };
  }

  /** "Only what is known to within X km", as a slider whose left end is no limit. */
  function better(page) {
    const { selection, state } = page;
    const worded = (step) => (step ? say("km", { n: PRECISIONS[step] / 1000 }) : say("anyPrecision"));
    state.define("better", {
      blank: 0,
      apply: (step) => selection.set("better", step ? (i) => page.precision[i] <= PRECISIONS[step] : null),
      write: (step) => (step ? String(PRECISIONS[step] / 1000) : ""),
      read: (text) => Math.max(0, PRECISIONS.indexOf(Number(text) * 1000)),
    });
    const slider = el("input", { type: "range", id: "geoinc-better", min: "0", max: String(PRECISIONS.length - 1), step: "1", value: "0" });
    const value = el("output", { for: "geoinc-better" });
    slider.addEventListener("input", () => state.set("better", Number(slider.value)));
    const sync = () => {
      slider.value = String(state.get("better"));
      value.textContent = worded(state.get("better"));
      slider.setAttribute("aria-valuetext", value.textContent);
    };
    selection.onChange(sync);
    sync();
    return el("div", { class: "geoinc-better" }, el("label", { for: "geoinc-better" }, say("better")), value, slider);
  }

  /** The rarer controls: kinds of attack, precision, how it is drawn and what is counted. */
  function filters(page) {
    const { selection, state } = page;
    state.define("mode", { blank: "points", filter: false, apply: (mode) => selection.setMode(mode), read: (text) => (["points", "areas", "density"].includes(text) ? text : null) });
    state.define("unit", { blank: "incidents", filter: false, apply: (unit) => selection.setUnit(unit), read: (text) => (["incidents", "accounts"].includes(text) ? text : null) });
    const rows = [["mode", ["points", "areas", "density"]], ["unit", ["incidents", "accounts"]]].map(([name, options]) => {
      const { node, sync } = choice(name, options, state);
      selection.onChange(sync);
      return el("div", { class: "geoinc-row" }, el("span", { "aria-hidden": "true" }, say(name)), node);
    });
    // Made at once, not when opened: the address may already say something of them.
    const kind = kinds(page);
    const parts = [...rows, better(page), kind?.node].filter(Boolean);
    const node = disclosure("filters", say("filters"), () => parts);
    node.addEventListener("toggle", () => kind?.refresh());
    return node;
  }

  /** Where the facts come from, and what the map does not say. */
  function about({ data }) {
    return disclosure("about", say("aboutTitle"), () => [
      ...geoinc.paragraphs("method"),
      data.sources.length ? say("sources", { sources: data.sources.join(", ") }) : "",
      say("licence", { version: data.version }),
      say("made", { made: data.made }),
    ].filter(Boolean).map((paragraph) => el("p", { dir: "auto" }, paragraph)));
  }

  /** The parts of the panel of a page, from the top. */
  function parts(page, { search, list, exporting }) {
    return [search, legend(page), ...[page.statistics.node].filter(Boolean), chips(page), list, filters(page), exporting, about(page)];
  }

  /** The panel: what the map holds, over its parts. */
  function panel({ header, title }, folded, parts) {
    const toggle = el("button", { type: "button", class: "geoinc-fold", "aria-controls": "geoinc-body" });
    const body = el("div", { id: "geoinc-body", class: "geoinc-body" });
    const node = el("section", { class: "geoinc-panel", "aria-label": say("panel"), dir: document.documentElement.dir });
    const fold = (closed) => {
      node.classList.toggle("geoinc-folded", closed);
      toggle.setAttribute("aria-expanded", String(!closed));
      toggle.setAttribute("aria-label", say(closed ? "unfold" : "fold"));
    };
    toggle.addEventListener("click", () => fold(!node.classList.contains("geoinc-folded")));
    fold(folded);

    const told = (...lines) => lines.filter(([n]) => n).map(([n, key]) => plural(n, key)).join(say("comma"));
    const counts = told([header.incidents, "incident"], [header.accounts, "account"], [header.places, "place"]) || plural(0, "incident");
    const rest = told([header.summaries, "summary"], [header.not_placed, "notPlaced"]);
    node.append(el("header", {}, el("h1", {}, said(title)), toggle, el("p", {}, [counts, rest].filter(Boolean).join("; "))), body);
    body.append(...parts);
    return apart(node);
  }

  Object.assign(geoinc, { precision, box, kinds, about, parts, panel });
})();
