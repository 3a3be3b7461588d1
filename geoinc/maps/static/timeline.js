/*
 * When: a histogram of the incidents shown, by role, with a brush that keeps
 * a span of days, and a window that plays along.
 *
 * An incident whose days lie in several bins is no count of any of them; it
 * is part of a line below, from its first possible day to its last.
 */
(() => {
  "use strict";

  const { OPEN, ROLES, ROLE_BITS, PALETTE, say, day, el, icon } = geoinc;
  const HEIGHT = 46;
  const AXIS = 15;
  /** Lines of imprecise dates that stand one below the other. */
  const LANES = 3;
  const LANE = 4;
  /** Bins, by how many days they are apart, and the most of them that fit a screen. */
  const MOST_BINS = 130;
  const UNITS = [["perDay", 1], ["perWeek", 7], ["perMonth", 30.4], ["perQuarter", 91.3], ["perYear", 365.25]];
  /** Where names stand below the bins, up to so many days in all, and what they say; those that find no room are left out. */
  const [DAY, MONTH, YEAR] = [{ day: "numeric", month: "short" }, { month: "short", year: "numeric" }, { year: "numeric" }];
  const AXES = [[9, "perDay", DAY], [32, "perWeek", DAY], [150, "perMonth", MONTH], [900, "perQuarter", MONTH], [Infinity, "perYear", YEAR]];
  /** Sets of roles an incident may be drawn in, as `ROLE_BITS`. */
  const SETS = 8;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  const iso = (number) => new Date(number * 86_400_000).toISOString().slice(0, 10);
  function fromIso(text) {
    const number = Date.parse(`${text}T00:00:00Z`) / 86_400_000;
    return Number.isInteger(number) ? number : null;
  }

  const highest = (counts) => counts.reduce((most, count) => Math.max(most, count), 1);

  /** The first days of the bins from one day to another, and the first after them. */
  function edges(first, last, unit) {
    if (unit === "perDay" || unit === "perWeek") {
      const step = unit === "perDay" ? 1 : 7;
      // Weeks begin on Mondays; day 0 was a Thursday.
      let edge = step === 7 ? first - ((((first + 3) % 7) + 7) % 7) : first;
      const days = [];
      for (; edge <= last; edge += step) days.push(edge);
      return Int32Array.from([...days, edge]);
    }
    const months = { perMonth: 1, perQuarter: 3, perYear: 12 }[unit];
    const start = new Date(first * 86_400_000);
    let month = start.getUTCFullYear() * 12 + start.getUTCMonth();
    month -= month % months;
    const days = [];
    const at = (number) => {
      const date = new Date(0);
      date.setUTCFullYear(Math.floor(number / 12), number % 12, 1);
      return date.getTime() / 86_400_000;
    };
    for (; at(month) <= last; month += months) days.push(at(month));
    return Int32Array.from([...days, at(month)]);
  }

  /** The bins of the data, and of each incident its bin, or the group of its span of days. */
  class Bins {
    constructor({ first, last, rolesOf, least = "perDay" }, counted) {
      const known = Uint32Array.from(counted.keys()).filter((i) => counted[i] && (first[i] !== OPEN || last[i] !== OPEN));
      let [from, to] = [Infinity, -Infinity];
      for (const i of known) {
        from = Math.min(from, first[i] === OPEN ? last[i] : first[i]);
        to = Math.max(to, last[i] === OPEN ? first[i] : last[i]);
      }
      /** Without two days to choose between there is nothing to choose. */
      this.empty = !(from < to);
      if (this.empty) return;
      const units = UNITS.slice(UNITS.findIndex(([unit]) => unit === least));
      [this.unit] = units.find(([, days]) => (to - from) / days <= MOST_BINS) ?? units.at(-1);
      this.edges = edges(from, to, this.unit);
      this.length = this.edges.length - 1;
      this.from = this.edges[0];
      this.to = this.edges[this.length];
      const binOf = new Uint32Array(this.to - this.from);
      for (let bin = 0; bin < this.length; bin++) binOf.fill(bin, this.edges[bin] - this.from, this.edges[bin + 1] - this.from);
      /** Of each incident what it is counted in: 0 nothing, then for each bin the sets of roles, then the spans of days. */
      this.slots = new Uint32Array(first.length);
      this.spans = [];
      const spans = new Map();
      for (const i of known) {
        const [a, b] = [first[i] === OPEN ? this.from : first[i], last[i] === OPEN ? this.to - 1 : last[i]];
        const exact = first[i] !== OPEN && last[i] !== OPEN && binOf[a - this.from] === binOf[b - this.from];
        if (exact) {
          this.slots[i] = SETS * (1 + binOf[a - this.from]) + rolesOf[i];
          continue;
        }
        const key = `${a} ${b}`;
        if (!spans.has(key)) {
          spans.set(key, this.spans.length);
          this.spans.push({ from: a, to: b + 1, lane: 0 });
        }
        this.slots[i] = SETS * (1 + this.length) + spans.get(key);
      }
      this.size = SETS * (1 + this.length) + this.spans.length;
      this.stack();
    }

    /** Lay spans one below the other where they overlap; the last lane takes all the rest. */
    stack() {
      const ends = new Array(LANES).fill(-Infinity);
      for (const span of [...this.spans].sort((a, b) => a.from - b.from || b.to - a.to)) {
        const free = ends.findIndex((end) => end <= span.from);
        span.lane = free === -1 ? LANES - 1 : free;
        ends[span.lane] = Math.max(ends[span.lane], span.to);
      }
      this.lanes = ends.filter((end) => end > -Infinity).length;
    }

    /** The edge that is nearest to a day. */
    nearest(number) {
      let best = 0;
      for (let i = 1; i < this.edges.length; i++) if (Math.abs(this.edges[i] - number) < Math.abs(this.edges[best] - number)) best = i;
      return best;
    }
  }

  class Timeline {
    constructor({ data, selection, state }) {
      Object.assign(this, { data, selection, state });
      this.bins = new Bins(data, selection.counted);
      if (this.bins.empty) return;
      this.build();
      state.define("days", {
        blank: null,
        apply: (days) => selection.set("days", days && this.test(days)),
        write: (days) => (days ? days.map(iso).join("/") : ""),
        read: (text) => {
          const days = text.split("/").map(fromIso);
          return days.length === 2 && !days.includes(null) && days[0] <= days[1] ? days : null;
        },
      });
      selection.onChange(() => this.refresh());
      geoinc.onRecolour(() => this.paint());
      new ResizeObserver(() => this.measure()).observe(this.track);
    }

    /** An incident passes where one of its possible days lies in the span. */
    test([from, to]) {
      const { first, last } = this.data;
      return (i) => (first[i] !== OPEN || last[i] !== OPEN) && (first[i] === OPEN || first[i] <= to) && (last[i] === OPEN || last[i] >= from);
    }

    build() {
      const handle = (end, label) => {
        const node = el("div", { class: `geoinc-handle geoinc-handle-${end}`, role: "slider", tabindex: "0", "aria-label": say(label), "aria-valuemin": "0", "aria-valuemax": String(this.bins.length) });
        node.addEventListener("keydown", (event) => this.key(event, end));
        return node;
      };
      this.canvas = el("canvas", { "aria-hidden": "true" });
      this.brush = el("div", { class: "geoinc-brush" });
      this.handles = [handle("from", "from"), handle("to", "to")];
      this.track = el("div", { class: "geoinc-track", dir: "ltr" }, this.canvas, this.brush, ...this.handles);
      this.track.addEventListener("pointerdown", (event) => this.drag(event));
      this.range = el("span", { class: "geoinc-range" });
      this.unit = el("span", { class: "geoinc-unit" }, this.bins.spans.length ? `${say(this.bins.unit)} · ${say("imprecise")}` : say(this.bins.unit));
      this.playing = el("button", { type: "button", class: "geoinc-play", onclick: () => this.play(!this.timer) });
      this.all = el("button", { type: "button", class: "geoinc-all", onclick: () => this.choose(0, this.bins.length) }, say("allDays"));
      this.play(false);
      const head = el("div", { class: "geoinc-timeline-head" }, this.playing, this.range, this.all, this.unit);
      this.node = el("section", { class: "geoinc-timeline", "aria-label": say("timeline") }, head, this.track);
      this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.timer && this.play(false));
    }

    /** The edges between which the brush stands. */
    get chosen() {
      const days = this.state.get("days");
      return days ? [this.bins.nearest(days[0]), Math.max(this.bins.nearest(days[0]) + 1, this.bins.nearest(days[1] + 1))] : [0, this.bins.length];
    }

    /** Keep the days between two edges; all of them is no filter. */
    choose(from, to) {
      const { edges, length } = this.bins;
      const all = from <= 0 && to >= length;
      this.state.set("days", all ? null : [edges[Math.max(0, from)], edges[Math.min(length, to)] - 1]);
    }

    key(event, end) {
      const far = Math.max(2, Math.round(this.bins.length / 10));
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -far, PageUp: far, Home: -Infinity, End: Infinity };
      const step = steps[event.key];
      if (step === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.play(false);
      const { length } = this.bins;
      let [from, to] = this.chosen;
      if (event.shiftKey) {
        const shift = Math.max(-from, Math.min(length - to, step));
        [from, to] = [from + shift, to + shift];
      } else if (end === "from") from = Math.max(0, Math.min(to - 1, from + step));
      else to = Math.min(length, Math.max(from + 1, to + step));
      this.choose(from, to);
    }

    /** Drag a handle, the span between them, or a new span; a click is one bin. */
    drag(event) {
      if (event.button !== 0) return;
      event.preventDefault();
      this.play(false);
      const { bins } = this;
      const box = this.track.getBoundingClientRect();
      const at = (x) => bins.from + ((x - box.left) / box.width) * (bins.to - bins.from);
      const binAt = (x) => Math.max(0, Math.min(bins.length - 1, bins.edges.findIndex((edge) => edge > at(x)) - 1));
      const [from, to] = this.chosen;
      const whole = !this.state.get("days");
      const start = event.clientX;
      const handle = this.handles.indexOf(event.target);
      const within = !whole && handle === -1 && at(start) >= bins.edges[from] && at(start) < bins.edges[to];
      if (handle !== -1) event.target.focus();
      this.track.setPointerCapture(event.pointerId);
      const move = ({ clientX }) => {
        const near = bins.nearest(at(clientX));
        if (handle === 0) this.choose(Math.min(near, to - 1), to);
        else if (handle === 1) this.choose(from, Math.max(near, from + 1));
        else if (within) {
          const shift = Math.max(-from, Math.min(bins.length - to, binAt(clientX) - binAt(start)));
          this.choose(from + shift, to + shift);
        } else {
          const [a, b] = [binAt(start), binAt(clientX)];
          this.choose(Math.min(a, b), Math.max(a, b) + 1);
        }
      };
      const done = (end) => {
        this.track.removeEventListener("pointermove", move);
        this.track.removeEventListener("pointerup", done);
        this.track.removeEventListener("pointercancel", done);
        if (handle === -1 && Math.abs(end.clientX - start) < 3) this.choose(binAt(start), binAt(start) + 1);
      };
      this.track.addEventListener("pointermove", move);
      this.track.addEventListener("pointerup", done);
      this.track.addEventListener("pointercancel", done);
    }

    /** Move the span along, a bin at a time, until it has reached the last day. */
    play(on) {
      clearInterval(this.timer);
      this.timer = undefined;
      if (on) {
        const { length } = this.bins;
        const width = this.state.get("days") ? this.chosen[1] - this.chosen[0] : Math.max(1, Math.round(length / 12));
        if (!this.state.get("days") || this.chosen[1] >= length) this.choose(0, width);
        this.timer = setInterval(() => {
          const [from, to] = this.chosen;
          if (to >= length) return this.play(false);
          this.choose(from + 1, to + 1);
        }, calm.matches ? 1500 : 350);
      }
      const name = say(on ? "pause" : "play");
      this.playing.setAttribute("aria-label", name);
      this.playing.title = name;
      this.playing.replaceChildren(icon(on ? "M6 4h3v12H6zM11 4h3v12h-3z" : "M6 3.5v13l10-6.5z"));
    }

    /** Count what every filter but this one lets through, and paint it. */
    refresh() {
      const { selection, bins } = this;
      if (bins.empty) return;
      const sums = selection.tally("days", bins.slots, new Uint32Array(bins.size));
      const roles = Object.keys(ROLES).filter((role) => selection.roles.has(role));
      this.counts = new Uint32Array(bins.length);
      this.byRole = Object.fromEntries(roles.map((role) => [role, new Uint32Array(bins.length)]));
      for (let bin = 0, slot = SETS; bin < bins.length; bin++) {
        for (let bits = 0; bits < SETS; bits++, slot++) {
          this.counts[bin] += sums[slot];
          for (const role of roles) if (bits & ROLE_BITS[role]) this.byRole[role][bin] += sums[slot];
        }
      }
      this.spanCounts = sums.subarray(SETS * (1 + bins.length));
      this.paint();
    }

    /** Take the width anew, and paint. */
    measure() {
      if (this.bins.empty) return;
      this.width = this.track.clientWidth;
      this.font = `10.5px ${getComputedStyle(this.track).fontFamily}`;
      this.paint();
    }

    paint() {
      const { width } = this;
      if (!this.counts || !width) return;
      const { bins, canvas } = this;
      const density = window.devicePixelRatio || 1;
      const below = bins.lanes ? bins.lanes * LANE + 3 : 0;
      const height = HEIGHT + below + AXIS;
      const context = canvas.getContext("2d");
      if (canvas.width !== Math.round(width * density)) {
        canvas.width = Math.round(width * density);
        canvas.height = Math.round(height * density);
        canvas.style.height = `${height}px`;
      }
      context.setTransform(density, 0, 0, density, 0, 0);
      context.clearRect(0, 0, width, height);
      const x = (number) => ((number - bins.from) / (bins.to - bins.from)) * width;
      this.paintBars(context, x);
      this.paintSpans(context, x);
      this.paintAxis(context, x, width, HEIGHT + below);
      this.place(x, width);
    }

    /** All incidents in grey, and in front of it each role, narrower one by one. */
    paintBars(context, x) {
      const { bins, counts, byRole } = this;
      const most = highest(counts);
      const bar = (bin, value, part, colour) => {
        const [left, right] = [x(bins.edges[bin]), x(bins.edges[bin + 1])];
        const width = Math.max(1, (right - left - (right - left > 3 ? 1 : 0)) * part);
        const tall = value ? Math.max(2, (value / most) * (HEIGHT - 4)) : 0;
        context.fillStyle = colour;
        context.fillRect((left + right) / 2 - width / 2, HEIGHT - tall, width, tall);
      };
      const parts = { target: 1, launch: 0.6, impact: 0.3 };
      for (let bin = 0; bin < bins.length; bin++) {
        bar(bin, counts[bin], 1, PALETTE.border);
        for (const [role, values] of Object.entries(byRole)) bar(bin, values[bin], parts[role], ROLES[role].colour);
      }
      context.fillStyle = PALETTE.border;
      context.fillRect(0, HEIGHT, x(bins.to), 1);
    }

    /** Dates known only as a span: the more incidents, the darker. */
    paintSpans(context, x) {
      const most = highest(this.spanCounts);
      this.bins.spans.forEach(({ from, to, lane }, i) => {
        if (!this.spanCounts[i]) return;
        context.globalAlpha = 0.35 + 0.65 * (this.spanCounts[i] / most);
        context.fillStyle = PALETTE.line;
        context.fillRect(x(from) + 0.5, HEIGHT + 3 + lane * LANE, Math.max(2, x(to) - x(from) - 1), LANE - 1.5);
      });
      context.globalAlpha = 1;
    }

    paintAxis(context, x, width, top) {
      const { from, to } = this.bins;
      const [, step, words] = AXES.find(([days]) => to - from <= days);
      context.font = this.font;
      context.fillStyle = PALETTE.name;
      context.textBaseline = "alphabetic";
      let free = 0;
      for (const tick of edges(from, to - 1, step)) {
        if (tick < from || tick >= to) continue;
        const label = day(tick, words);
        const left = Math.min(x(tick), width - context.measureText(label).width);
        if (left < free) continue;
        context.fillText(label, left, top + 12);
        free = left + context.measureText(label).width + 10;
      }
    }

    /** Put the brush and its words where the choice is. */
    place(x, width) {
      const { bins } = this;
      const [from, to] = this.chosen;
      const [first, last] = [bins.edges[from], bins.edges[to] - 1];
      const whole = !this.state.get("days");
      this.brush.style.left = `${x(first)}px`;
      this.brush.style.width = `${x(last + 1) - x(first)}px`;
      this.node.classList.toggle("geoinc-whole", whole);
      this.handles.forEach((node, i) => {
        node.style.left = `${Math.max(0, Math.min(width, x(i ? last + 1 : first)))}px`;
        node.setAttribute("aria-valuenow", String(i ? to : from));
        node.setAttribute("aria-valuetext", day(i ? last : first));
      });
      this.range.textContent = say("span", { from: day(first), to: day(last) });
      this.all.hidden = whole;
    }
  }

  geoinc.Timeline = Timeline;
})();
