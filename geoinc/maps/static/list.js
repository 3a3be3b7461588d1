/*
 * The incidents in view as a list: the map for the keyboard and for screen
 * readers.  Only the rows that can be seen are in the page, however many there are.
 */
(() => {
  "use strict";

  const { OPEN, say, figure, terms, facts, when, el, disclosure } = geoinc;
  const ROW = 46;
  /** Rows made beyond what is seen, so that scrolling shows no blank. */
  const SPARE = 6;
  /** Browsers draw no element much taller than this, in pixels; longer lists scroll faster. */
  const TALLEST = 8_000_000;

  /** The numbers of items by the size of their keys, equal ones as they stand. */
  function ordered(keys) {
    const size = keys.length;
    const place = new Map([...new Set(keys)].sort((a, b) => a - b).map((key, i) => [key, i]));
    // The rank holds the item's own number, so that sorting numbers is all there is to do.
    return Uint32Array.from(Float64Array.from(keys, (key, i) => place.get(key) * size + i).sort(), (rank) => rank % size);
  }

  /** Numbers for the texts of a column, by the alphabet, blanks last. */
  function alphabetic(table, name, worded = (text) => text) {
    const [codes, values] = [table.codes(name), table.values(name).map(worded)];
    if (!codes) return new Uint8Array(table.length);
    const collator = new Intl.Collator(geoinc.language, { numeric: true });
    const sorted = [...values.keys()].sort((a, b) => (!values[a]) - !values[b] || collator.compare(values[a], values[b]));
    const place = new Float64Array(values.length + 1).fill(values.length);
    sorted.forEach((code, i) => (place[code] = i));
    return Float64Array.from(codes, (code) => place[code]);
  }

  /** The ways to sort; each gives a key to every incident. */
  const SORTS = {
    newest: ({ data }) => Float64Array.from(data.last, (day) => (day === OPEN ? Infinity : -day)),
    oldest: ({ data }) => Float64Array.from(data.first, (day) => (day === OPEN ? Infinity : day)),
    byPlace: ({ data }) => alphabetic(data.incidents, "where"),
    byKind: ({ data }) => alphabetic(data.incidents, "event_type", terms),
    byPrecision: ({ precision }) => precision,
  };

  class List {
    constructor({ map, data, marks, selection, precision, open }) {
      Object.assign(this, { map, data, marks, selection, open });
      this.orders = {};
      this.order = (name) => (this.orders[name] ??= ordered(SORTS[name]({ data, precision })));
      this.incidents = new Uint32Array(0);
      this.active = -1;
      this.heading = el("span", {}, say("list"));
      this.node = disclosure("incidents", this.heading, () => this.build());
      this.node.addEventListener("toggle", () => this.refresh());
      selection.onChange(() => this.refresh());
      map.on("moveend resize", () => this.refresh());
    }

    build() {
      const options = Object.keys(SORTS).map((name) => el("option", { value: name }, say(name)));
      this.sort = el("select", { id: "geoinc-sort" }, ...options);
      this.sort.addEventListener("change", () => this.refresh());
      this.space = el("div", { class: "geoinc-space", role: "presentation" });
      this.box = el("div", { class: "geoinc-listbox", role: "listbox", tabindex: "0", "aria-label": say("list") }, this.space);
      this.box.addEventListener("scroll", () => this.draw());
      this.box.addEventListener("keydown", (event) => this.key(event));
      // Not for the mouse: the rows would be made anew between its button's down and up.
      this.box.addEventListener("focus", () => this.active === -1 && this.box.matches(":focus-visible") && this.activate(0));
      this.box.addEventListener("blur", () => this.marks.focus(null));
      this.box.addEventListener("click", (event) => {
        const row = event.target.closest("[role=option]");
        if (!row) return;
        this.activate(Number(row.dataset.place));
        this.choose();
      });
      this.blank = el("p", { class: "geoinc-note" }, say("listEmpty"));
      return [el("label", { class: "geoinc-sort" }, `${say("sort")} `, this.sort), this.box, this.blank];
    }

    /** Take the incidents in view anew, in the order chosen; the active one stays so if it is still there. */
    refresh() {
      if (!this.node.open || !this.box) return;
      const before = this.incidents[this.active];
      const found = this.marks.inView(this.map);
      const inside = new Uint8Array(this.data.incidents.length);
      for (let i = 0; i < found.length; i++) inside[found[i]] = 1;
      this.incidents = new Uint32Array(found.length);
      let size = 0;
      const order = this.order(this.sort.value);
      for (let i = 0; i < order.length; i++) if (inside[order[i]]) this.incidents[size++] = order[i];
      this.active = before === undefined ? -1 : this.incidents.indexOf(before);
      this.heading.textContent = `${say("list")} (${figure(found.length)})`;
      this.blank.hidden = found.length > 0;
      this.box.hidden = found.length === 0;
      this.space.style.height = `${Math.min(TALLEST, found.length * ROW)}px`;
      this.draw();
    }

    /** The first row that is seen, as a fraction where the list scrolls faster than its rows. */
    get top() {
      const whole = this.incidents.length * ROW;
      const { scrollTop, clientHeight } = this.box;
      return whole <= TALLEST ? scrollTop : (scrollTop / (TALLEST - clientHeight)) * (whole - clientHeight);
    }

    draw() {
      const { scrollTop, clientHeight } = this.box;
      const top = this.top;
      const first = Math.max(0, Math.floor(top / ROW) - SPARE);
      const last = Math.min(this.incidents.length, Math.ceil((top + clientHeight) / ROW) + SPARE);
      const rows = [];
      for (let place = first; place < last; place++) rows.push(this.row(place, scrollTop + place * ROW - top));
      this.space.replaceChildren(...rows);
      const active = this.active >= first && this.active < last;
      if (active) this.box.setAttribute("aria-activedescendant", `geoinc-option-${this.active}`);
      else this.box.removeAttribute("aria-activedescendant");
    }

    row(place, offset) {
      const { data } = this;
      const incident = this.incidents[place];
      const get = (name) => data.incidents.get(name, incident);
      const about = [get("event_type") && terms(get("event_type")), facts(data, incident)].filter(Boolean).join(" · ");
      return el("div", {
        id: `geoinc-option-${place}`,
        class: "geoinc-option",
        role: "option",
        "aria-selected": String(place === this.active),
        "aria-setsize": String(this.incidents.length),
        "aria-posinset": String(place + 1),
        "data-place": String(place),
        style: `transform: translateY(${offset}px)`,
      }, el("time", {}, when(data, incident)), el("b", { dir: "auto" }, get("where") ?? ""), el("small", { dir: "auto" }, about));
    }

    key(event) {
      const page = Math.max(1, Math.floor(this.box.clientHeight / ROW) - 1);
      const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity };
      const step = steps[event.key];
      if (step !== undefined) this.activate(this.active + step);
      else if (event.key === "Enter" || event.key === " ") this.choose();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }

    /** Move to a row, bring it into sight, and light up its marks. */
    activate(place) {
      if (!this.incidents.length) return;
      this.active = Math.max(0, Math.min(this.incidents.length - 1, place));
      const whole = this.incidents.length * ROW;
      const { clientHeight } = this.box;
      const [above, below] = [this.active * ROW, (this.active + 1) * ROW - clientHeight];
      const top = Math.max(below, Math.min(above, this.top));
      if (top !== this.top) this.box.scrollTop = whole <= TALLEST ? top : (top / (whole - clientHeight)) * (TALLEST - clientHeight);
      this.draw();
      this.marks.focus(this.incidents[this.active]);
    }

    choose() {
      if (this.active === -1) this.activate(0);
      const incident = this.incidents[this.active];
      if (incident !== undefined) this.open(incident);
    }
  }

  geoinc.List = List;
})();
