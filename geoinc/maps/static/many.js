/*
 * A map of more incidents than each can have a mark: how many are in each
 * hexagon, in one role.  What is known less well than a hexagon is wide is
 * counted in a wider one or in its area, and said so; so the counts of every
 * zoom add up to the same.  Where there are few, a hexagon opens to their records.
 */
(() => {
  "use strict";

  const { OPEN, PALETTE, ROLES, ROLE_BITS, ROLE_NAMES, FONT, MARGIN, EQUATOR, Sheet, Shapes, Room } = geoinc;
  const { Sums, Told, toldOf, roleBits, whole, monthDay, monthOf } = geoinc;
  const { say, figure, plural, term, terms, km, day, el, said, symbol, disclosure, box, kinds, about } = geoinc;
  const { brief, groundNames, paintNames, mercatorX, mercatorY } = geoinc;

  /** Lines of the list of hexagons: the largest in view. */
  const MOST_LINES = 100;
  /** Hexagons in view beyond this many have no figure of their own. */
  const MOST_FIGURES = 5000;
  const MOST_PILLS = 120;
  const HALF = Math.sqrt(3) / 2;

  /** How strong a dashed edge is among so many. */
  const faint = (among) => Math.min(0.7, 6 / Math.sqrt(1 + among));

  const short = (count) => (Number.isInteger(whole(count)) || count >= 10 ? brief(Math.round(count)) : count.toFixed(1));

  /** Hexagons of one width, a point up, over the Mercator plane: numbers to centres and back. */
  class Grid {
    constructor(hexagon, level) {
      this.level = level;
      /** Between two opposite edges, in positions. */
      this.width = hexagon / 2 ** level;
      this.side = this.width / Math.sqrt(3);
      this.columns = 2 ** Math.ceil(Math.log2(4 / this.width));
    }

    /** The number of the hexagon that a position is in. */
    at(x, y) {
      const q = x / this.width - y / (3 * this.side);
      const r = (2 * y) / (3 * this.side);
      let [i, j, k] = [Math.round(q), Math.round(r), Math.round(-q - r)];
      const [di, dj, dk] = [Math.abs(i - q), Math.abs(j - r), Math.abs(k + q + r)];
      if (di > dj && di > dk) i = -j - k;
      else if (dj > dk) j = -i - k;
      return j * this.columns + i + this.columns / 2;
    }

    /** Where the middle of a hexagon is. */
    middle(number) {
      const j = Math.floor(number / this.columns);
      const i = number - j * this.columns - this.columns / 2;
      return [this.width * (i + j / 2), 1.5 * this.side * j];
    }
  }

  /** The squares and areas that incidents are counted in, at one fineness. */
  class Spots {
    constructor({ spots, level, deepest }) {
      const [column, line, fit, area] = ["x", "y", "fit", "area"].map((name) => spots.figures(name));
      const status = spots.codes("status");
      const blank = spots.values("status").map((text) => text === "");
      const side = 2 ** level;
      Object.assign(this, { table: spots, length: spots.length, level, deepest, column, line, fit });
      this.x = Float64Array.from(column, (number) => (number + 0.5) / side);
      this.y = Float64Array.from(line, (number) => (number + 0.5) / side);
      this.area = Int32Array.from(area, (number) => (Number.isNaN(number) ? -1 : number));
      /** 1 where there is a place that a hexagon or an area can show. */
      this.located = Uint8Array.from({ length: spots.length }, (_, i) => (!status || blank[status[i]] ? 1 : 0));
    }

    status(spot) {
      return this.table.get("status", spot) ?? "";
    }

    /** The square of so many to the world's side that each is in. */
    around(neighbourhood) {
      const by = 2 ** (this.level - neighbourhood);
      return Float64Array.from(this.column, (column, spot) => Math.floor(column / by) * 2 ** neighbourhood + Math.floor(this.line[spot] / by));
    }
  }

  /** Where the incidents of one role are counted at one level: hexagons, wider ones, and areas. */
  class Level {
    constructor(many, spots, totals, level) {
      Object.assign(this, { spots, level });
      this.cells = [];
      this.byKey = new Map();
      this.areas = [];
      /** What is known too badly for the widest hexagon, and no area. */
      this.beyond = 0;
      for (let spot = 0; spot < spots.length; spot++) {
        const count = totals[spot];
        if (!count || !spots.located[spot]) continue;
        if (spots.fit[spot] < level && spots.area[spot] >= 0) this.areas.push({ area: spots.area[spot], count, spots: [spot], open: many.isOpen(spots, spot) });
        else if (spots.fit[spot] < 0) this.beyond += count;
        else this.add(many, spot, Math.min(level, spots.fit[spot]), count);
      }
      this.cells.sort((a, b) => b.count - a.count);
      this.areas.sort((a, b) => b.count - a.count);
      this.breaks = breaks(this.cells.filter(({ wide }) => !wide).map(({ count }) => count));
    }

    add(many, spot, level, count) {
      const { spots } = this;
      const grid = many.grid(level);
      const number = grid.at(spots.x[spot], spots.y[spot]);
      const key = `${level} ${number}`;
      let cell = this.byKey.get(key);
      if (!cell) {
        const [x, y] = grid.middle(number);
        cell = { key, level, x, y, width: grid.width, wide: level < this.level, count: 0, open: true, spots: [] };
        this.byKey.set(key, cell);
        this.cells.push(cell);
      }
      cell.count += count;
      cell.open &&= many.isOpen(spots, spot);
      cell.spots.push(spot);
    }

    sum(list) {
      return whole(list.reduce((all, { count }) => all + count, 0));
    }
  }

  /** Lower bounds of four classes at most: of 40, 30, 20 and 10 % of the hexagons, in round figures. */
  function breaks(counts) {
    const sorted = Float64Array.from(counts).sort();
    const round = (value) => {
      const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
      return Math.max(1, Math.round(value / unit) * unit);
    };
    const bounds = [0.4, 0.7, 0.9].map((part) => round(sorted[Math.floor(part * sorted.length)] ?? 1));
    return [...new Set([1, ...bounds])].sort((one, other) => one - other);
  }

  class Many {
    constructor(data) {
      this.held = data;
      const { cells } = data;
      [this.fineSums, this.wideSums] = [cells, cells.filtered].map((counted) => new Sums(counted, cells.parts));
      this.data = toldOf(cells, this.wideSums);
      this.selection = new Told(this.data);
      this.grids = new Map();
      this.names = data.basemap.names.map(([name, rank, longitude, latitude, room]) => ({
        name, rank, room: room / 360, x: mercatorX(longitude), y: mercatorY(latitude),
      }));
      this.shapes = new Shapes({ outlines: data.cells.outlines, places: data.cells.areas });
      /** Without filters squares are fine; with them they may be wider, as there are counts of each by months and kinds. */
      [this.fine, this.wide] = [cells, cells.filtered].map((counted) => new Spots(counted));
      this.find(cells);
      this.roles = ROLE_NAMES.filter((role) => this.data.rolesOf.some((bits) => bits & ROLE_BITS[role]));
      this.selection.setRoles(new Set(this.roles.slice(0, 1)));
      this.refresh();
      this.sheet = new Sheet("geoincMarks", 450, (context, view) => this.paint(context, view));
      this.selection.onChange(() => {
        this.refresh();
        this.sheet.repaint();
      });
    }

    get role() {
      return [...this.selection.roles][0];
    }

    grid(level) {
      if (!this.grids.has(level)) this.grids.set(level, new Grid(this.held.cells.hexagon, level));
      return this.grids.get(level);
    }

    /** In which squares, of which role, there are so few that the file has their records. */
    find({ neighbourhood, few, told }) {
      const bits = roleBits(told);
      const around = new Map([this.fine, this.wide].map((spots) => [spots, spots.level < neighbourhood ? null : spots.around(neighbourhood)]));
      const sums = new Map();
      const key = (square, role) => square * 8 + role;
      /** How many incidents of each role are at the fine spots. */
      this.whole = Object.fromEntries(ROLE_NAMES.map((role) => [role, this.fineSums.bySpot(bits.map((bit) => bit === ROLE_BITS[role]))]));
      for (const [role, counts] of Object.entries(this.whole)) {
        for (let spot = 0; spot < counts.length; spot++) {
          if (!counts[spot] || !this.fine.located[spot]) continue;
          const at = key(around.get(this.fine)[spot], ROLE_BITS[role]);
          sums.set(at, (sums.get(at) ?? 0) + counts[spot]);
        }
      }
      // Squares that are wider than a neighbourhood may be part of several: they do not open.
      this.isOpen = (spots, number) => around.get(spots) !== null && whole(sums.get(key(around.get(spots)[number], ROLE_BITS[this.role])) ?? 0) <= few;
    }

    /** Take in what the selection shows: of filtered counts the sums of the wide spots. */
    refresh() {
      const { selection, wide } = this;
      const { refusals } = selection;
      this.filtered = (selection.bits.size > 1 && refusals.some((bits) => bits & selection.except("roles"))) || !this.role;
      this.spots = this.filtered ? wide : this.fine;
      this.totals = this.filtered ? this.wideSums.bySpot(Uint8Array.from(refusals, (bits) => bits === 0)) : this.whole[this.role];
      this.levels = new Map();
    }

    /** The counts of a zoom. */
    level(zoom) {
      const level = Math.max(0, Math.min(this.spots.deepest, Math.floor(zoom)));
      if (!this.levels.has(level)) this.levels.set(level, new Level(this, this.spots, this.totals, level));
      return this.levels.get(level);
    }

    /** How wide a hexagon of a level is at a height of the map, in metres. */
    metres(width, y) {
      return (width * EQUATOR) / Math.cosh(Math.PI * (1 - 2 * y));
    }

    paint(context, view) {
      const found = this.level(view.zoom);
      this.shown = found;
      const room = new Room(view);
      const near = ({ x, y, width }) => {
        const reach = width * view.scale;
        const [px, py] = [view.x(x), view.y(y)];
        return px > -reach && py > -reach && px < view.size.x + reach && py < view.size.y + reach;
      };
      const cells = found.cells.filter(near);
      this.paintAreas(context, view, found.areas);
      for (const cell of cells) if (cell.wide) this.paintWide(context, view, cell, cells.length);
      for (const cell of cells) if (!cell.wide) this.paintCell(context, view, cell, found.breaks);
      const wide = cells.filter((cell) => cell.wide);
      for (const { x, y, width } of cells.filter((cell) => !cell.wide)) room.take(view.x(x), view.y(y), width * view.scale * 0.8, width * view.scale * 0.8);
      if (cells.length <= MOST_FIGURES) for (const cell of cells) if (!cell.wide) this.paintFigure(context, view, cell, found.breaks);
      for (const one of [...wide, ...this.drawn].slice(0, MOST_PILLS)) this.paintPill(context, view, one, room);
      context.globalAlpha = 1;
      paintNames(context, groundNames(context, this.names, view, room));
    }

    path(view, { x, y, width }, inset = 0) {
      const reach = (width * view.scale) / Math.sqrt(3) - inset;
      const [px, py] = [view.x(x), view.y(y)];
      const path = new Path2D();
      for (const [dx, dy] of [[0, -1], [HALF, -0.5], [HALF, 0.5], [0, 1], [-HALF, 0.5], [-HALF, -0.5]]) path.lineTo(px + dx * reach, py + dy * reach);
      path.closePath();
      return path;
    }

    paintCell(context, view, cell, bounds) {
      const path = this.path(view, cell, 0.75);
      context.globalAlpha = 0.8;
      context.fillStyle = shade(cell.count, bounds);
      context.fill(path);
      context.globalAlpha = 1;
      context.strokeStyle = cell === this.lit ? PALETTE.line : PALETTE.edge;
      context.lineWidth = cell === this.lit ? 2.5 : 1;
      context.stroke(path);
    }

    /** A hexagon for what is known no better: its edge is dashed, as areas' edges are. */
    paintWide(context, view, cell, among) {
      const path = this.path(view, cell);
      context.globalAlpha = cell === this.lit ? 0.2 : 0.06;
      context.fillStyle = ROLES[this.role].colour;
      context.fill(path);
      this.dash(context, path, cell === this.lit, faint(among));
    }

    paintAreas(context, view, areas) {
      const { areas: table } = this.held.cells;
      this.drawn = [];
      for (const one of areas) {
        const get = (name) => table.get(name, one.area);
        const [x, y] = [mercatorX(get("longitude")), mercatorY(get("latitude"))];
        const reach = (get("uncertainty_m") / view.metres(y)) || 1;
        const [px, py] = [view.x(x), view.y(y)];
        if (px < -reach || py < -reach || px > view.size.x + reach || py > view.size.y + reach) continue;
        let path = new Path2D();
        if (this.shapes.isCircle(one.area)) path.arc(px, py, reach, 0, 7);
        else path = view.path(this.shapes.rings(one.area));
        this.drawn.push(Object.assign(one, { x, y, path, width: (2 * reach) / view.scale, name: get("name") }));
        context.globalAlpha = one === this.lit ? 0.2 : Math.min(0.07, 3 / Math.sqrt(1 + areas.length * 40));
        context.fillStyle = ROLES[this.role].colour;
        context.fill(path, "evenodd");
        this.dash(context, path, one === this.lit, faint(areas.length));
      }
    }

    dash(context, path, lit, alpha) {
      context.globalAlpha = lit ? 0.95 : alpha;
      context.strokeStyle = ROLES[this.role].colour;
      context.lineWidth = lit ? 2 : 1.2;
      context.setLineDash([5, 4]);
      context.stroke(path);
      context.setLineDash([]);
      context.globalAlpha = 1;
    }

    paintFigure(context, view, { x, y, width, count }, bounds) {
      context.font = `600 11px ${FONT}`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillStyle = ink(shade(count, bounds));
      const text = short(count);
      if (context.measureText(text).width < width * view.scale - 4) context.fillText(text, view.x(x), view.y(y) + 0.5);
    }

    /** The count of an area, or of a wider hexagon, where there is room. */
    paintPill(context, view, { x, y, count, name, width: reach }, room) {
      const text = name ? `${short(count)} · ${name.length > 22 ? `${name.slice(0, 21)}…` : name}` : short(count);
      context.font = `500 12px ${FONT}`;
      const width = context.measureText(text).width + 16;
      const centre = [view.x(x), view.y(y)];
      // Of what reaches beyond the view, in the part that is seen.
      const edge = [view.size.x, view.size.y].map((size) => (size * MARGIN) / (1 + 2 * MARGIN));
      const [px, py] = [view.size.x, view.size.y].map((size, i) => {
        const least = edge[i] + 14 + (i === 0 ? width / 2 : 0);
        return Math.max(least, Math.min(size - least, centre[i]));
      });
      const near = Math.hypot(px - centre[0], py - centre[1]) < (reach * view.scale) / 2 - 10;
      const place = near && room.find([[px, py], [px, py + 24], [px, py - 24]], width, 20);
      if (!place) return;
      const pill = new Path2D();
      pill.roundRect(place[0] - width / 2, place[1] - 10, width, 20, 10);
      context.fillStyle = PALETTE.halo;
      context.fill(pill);
      context.strokeStyle = ROLES[this.role].colour;
      context.lineWidth = 1.2;
      context.setLineDash([4, 3]);
      context.stroke(pill);
      context.setLineDash([]);
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillStyle = ROLES[this.role].ink;
      context.fillText(text, ...place);
    }

    /** The hexagon under a point of the container, else the wider one, else the smallest area: one or none. */
    under(containerPoint) {
      const { sheet, shown } = this;
      const { x, y } = sheet.toCanvas(containerPoint);
      const { view } = sheet;
      const [mx, my] = [(x + view.left) / view.scale, (y + view.top) / view.scale];
      for (let level = shown.level; level >= 0; level--) {
        const cell = shown.byKey.get(`${level} ${this.grid(level).at(mx, my)}`);
        if (cell) return [cell];
      }
      const context = sheet.canvas.getContext("2d");
      const density = sheet.canvas.width / view.size.x;
      const inside = this.drawn.filter(({ path }) => context.isPointInPath(path, x * density, y * density, "evenodd"));
      return inside.sort((a, b) => a.width - b.width).slice(0, 1);
    }

    hover([one]) {
      if (one === this.lit) return;
      this.lit = one;
      this.sheet.repaint();
    }

    /** Open what was chosen: its records, or a closer view, or what is known of it all together. */
    choose(one, { map, show }) {
      const latlng = map.options.crs.pointToLatLng(L.point(one.x, one.y).multiplyBy(map.options.crs.scale(0)), 0);
      const incidents = one.open ? this.incidents(one) : [];
      const roles = new Map(incidents.map((incident) => [incident, new Set([this.role])]));
      if (incidents.length) return show([{ heading: this.heading(one), about: this.where(one), incidents, roles }], latlng);
      const deepest = Math.min(map.getMaxZoom(), this.spots.deepest);
      const finer = one.area === undefined && one.spots.some((spot) => this.spots.fit[spot] > one.level);
      if (finer && map.getZoom() < deepest) return map.setView(latlng, Math.min(deepest, Math.floor(map.getZoom()) + 2));
      L.popup({ maxWidth: 360 }).setLatLng(latlng).setContent(this.summary(one)).openOn(map);
    }

    heading({ count, name }) {
      return name ?? plural(whole(count), "incident");
    }

    /** "hexagon 4.8 km wide · 44.36° E, 33.94° N" */
    where(one) {
      if (one.area !== undefined) return say("within", { n: km(this.held.cells.areas.get("uncertainty_m", one.area)) });
      const n = km(this.metres(one.width, one.y));
      const latitude = (Math.atan(Math.sinh(Math.PI * (1 - 2 * one.y))) * 180) / Math.PI;
      const longitude = one.x * 360 - 180;
      const at = [[longitude, "E", "W"], [latitude, "N", "S"]].map(([degrees, plus, minus]) => `${Math.abs(degrees).toFixed(2)}° ${degrees < 0 ? minus : plus}`);
      // From left to right in any language, and kept from mixing with its surroundings.
      return `${say("hexagon", { n })} · \u2066${at.join(", ")}\u2069`;
    }

    /** What is known of incidents whose records the file does not have. */
    summary(one) {
      const { data, selection } = this;
      const byKind = new Float64Array(this.held.cells.kinds.length);
      let [first, last] = [Infinity, -Infinity];
      const inside = this.wideSpots(one);
      const counts = inside ? this.wideSums.byTold(inside) : [];
      for (let i = 0; i < counts.length; i++) {
        if (!counts[i] || !selection.has(i)) continue;
        byKind[data.incidents.codes("event_type")[i]] += counts[i];
        if (data.first[i] !== OPEN) first = Math.min(first, data.first[i]);
        if (data.last[i] !== OPEN) last = Math.max(last, data.last[i]);
      }
      const list = el("dl", { class: "geoinc-figures-list" });
      const order = [...byKind.keys()].filter((kind) => byKind[kind]).sort((a, b) => byKind[b] - byKind[a]);
      for (const kind of order) list.append(said(this.kindName(kind), "dt"), el("dd", {}, figure(whole(byKind[kind]))));
      const month = { month: "short", year: "numeric" };
      const span = first <= last ? say("span", { from: day(first, month), to: day(last, month) }) : "";
      return el("div", { class: "geoinc-popup geoinc-figure", tabindex: "-1", dir: document.documentElement.dir },
        el("h2", {}, said(this.heading(one))),
        el("p", {}, [one.name && plural(whole(one.count), "incident"), this.where(one), span].filter(Boolean).join(" · ")),
        list, el("p", { class: "geoinc-many" }, say("noRecords")));
    }

    /** 1 for each wide spot that is part of a hexagon or an area; null where there is more in them than in it. */
    wideSpots(one) {
      const { wide, spots } = this;
      const inside = new Uint8Array(wide.length);
      if (spots === wide || wide.level === spots.level) {
        // The same squares in the same order, where filters left no spot out.
        for (const spot of one.spots) inside[spot] = 1;
        return inside;
      }
      if (one.area === undefined) return null;
      for (let spot = 0; spot < wide.length; spot++) if (wide.area[spot] === one.area && wide.located[spot]) inside[spot] = 1;
      return inside;
    }

    kindName(kind) {
      const text = this.held.cells.kinds[kind];
      return text ? terms(text) : say("otherKind");
    }

    /** The incidents of the file that are counted in a hexagon or an area and pass the filters, in order. */
    incidents(one) {
      const { rows, accounts, places } = this.held;
      const [drawn, account, incident] = [rows.figures("drawn"), rows.figures("account"), accounts.figures("incident")];
      const [column, line, fit, area, own] = ["x", "y", "fit", "counted_area", "is_area"].map((name) => places.figures(name));
      const role = rows.codes("role");
      const shown = rows.values("role").indexOf(this.role);
      const status = rows.codes("place_status");
      const resolved = rows.values("place_status").indexOf("resolved");
      const side = 2 ** this.fine.level;
      const passes = this.passing();
      const level = this.shown.level;
      const found = new Set();
      for (let row = 0; row < rows.length; row++) {
        const place = drawn[row];
        if (Number.isNaN(place) || role[row] !== shown || !passes(account[row])) continue;
        const whole = !Number.isNaN(area[place]) && (own[place] || status[row] !== resolved);
        const inArea = fit[place] < level && whole;
        if (one.area !== undefined) {
          if (inArea && area[place] === one.area) found.add(incident[account[row]]);
          continue;
        }
        const own_level = Math.min(level, fit[place]);
        if (inArea || own_level !== one.level) continue;
        // In the middle of its square, as fine as these are now.
        const by = 2 ** (this.fine.level - this.spots.level);
        const [x, y] = [column[place], line[place]].map((square) => ((Math.floor(square / by) + 0.5) * by) / side);
        const number = this.grid(own_level).at(x, y);
        if (`${own_level} ${number}` === one.key) found.add(incident[account[row]]);
      }
      return [...found].sort((a, b) => a - b);
    }

    /** A test of accounts: whether the filters let through what their counts are made of. */
    passing() {
      const { accounts, cells } = this.held;
      const [first, last] = ["date_start", "date_end"].map((name) => accounts.figures(name));
      // Of days of one month there is nothing to choose.
      const days = this.state.choices.has("days") ? this.state.get("days") : null;
      const hidden = new Set(this.state.get("hidden"));
      const known = new Set(cells.kinds);
      return (account) => {
        const text = accounts.get("event_type", account) ?? "";
        if (hidden.has(known.has(text) ? text : "other")) return false;
        if (!days) return true;
        const [a, b] = [first[account], last[account]];
        if (Number.isNaN(a) && Number.isNaN(b)) return false;
        return (Number.isNaN(a) || monthDay(monthOf(a)) <= days[1]) && (Number.isNaN(b) || monthDay(monthOf(b) + 1) > days[0]);
      };
    }

    /** Which role is shown, with its count by all other filters; what colours and edges mean; how much is where. */
    legend(page) {
      const { state } = page;
      state.define("role", {
        blank: this.roles[0] ?? ROLE_NAMES[0],
        filter: false,
        apply: (role) => this.selection.setRoles(new Set([role])),
        read: (text) => (this.roles.includes(text) ? text : null),
      });
      const boxes = this.roles.map((role) => {
        const { node, input, number } = box(say(ROLES[role].plural), symbol(role), () => state.set("role", role));
        Object.assign(input, { type: "radio", name: "geoinc-role" });
        return { role, node, input, number };
      });
      const keys = el("ul", { class: "geoinc-keys" });
      const shown = el("span", { role: "status" });
      const clear = el("button", { type: "button", class: "geoinc-clear", onclick: () => state.clear() }, say("clear"));
      const counts = () => {
        const sums = this.selection.tally("roles", this.data.rolesOf, new Uint32Array(8));
        for (const { role, input, number } of boxes) {
          input.checked = state.get("role") === role;
          number.textContent = figure(sums[ROLE_BITS[role]]);
        }
        clear.hidden = state.filters().length === 0;
      };
      const refresh = () => {
        const { map } = page;
        const found = this.level(map.getZoom());
        const y = mercatorY(map.getCenter().lat);
        const n = km(this.metres(this.grid(found.level).width, y));
        const dashed = () => el("i", { class: "geoinc-key-area", style: `border-color: ${ROLES[this.role].colour}` });
        const wide = found.cells.filter((cell) => cell.wide);
        const inside = found.sum(found.cells.filter((cell) => !cell.wide));
        const swatches = (inside ? found.breaks : []).map((bound, number) => {
          const next = found.breaks[number + 1];
          const swatch = el("i", { class: "geoinc-swatch", style: `background-color: ${shade(bound, found.breaks)}` });
          return el("li", {}, swatch, next === undefined ? say("orMore", { low: figure(bound) }) : say("toUnder", { low: figure(bound), high: figure(next) }));
        });
        const lines = [
          el("li", { class: "geoinc-hexagons" }, say("hexagons", { n, count: figure(inside) })),
          ...swatches,
          wide.length ? el("li", { class: "geoinc-wider" }, dashed(), say("wider", { count: figure(found.sum(wide)) })) : null,
          found.areas.length ? el("li", { class: "geoinc-in-areas" }, dashed(), say("inAreas", { count: figure(found.sum(found.areas)) })) : null,
          found.beyond ? el("li", {}, el("i", {}), say("beyond", { count: figure(whole(found.beyond)) })) : null,
        ];
        keys.replaceChildren(...lines.filter(Boolean));
        const located = found.sum(found.cells) + found.sum(found.areas) + found.beyond;
        shown.textContent = located ? say("shownMany", { incidents: plural(whole(located), "incident") }) : say("nothingShown");
      };
      this.selection.onChange(() => {
        counts();
        refresh();
      });
      geoinc.onRecolour(refresh);
      page.map.on("moveend", refresh);
      counts();
      refresh();
      return el("div", {}, el("ul", { class: "geoinc-legend" }, ...boxes.map(({ node }) => node)), keys, el("div", { class: "geoinc-shown" }, shown, clear));
    }

    /** What no hexagon can show: how many, by why. */
    chips() {
      const { held } = this;
      const list = el("div", { class: "geoinc-chips geoinc-told" });
      const { header } = held;
      const kept = [[header.summaries, "summary"], [header.no_attacks, "noAttack"], [header.set_aside, "setAside"]];
      const words = { target: "somewhereIn", launch: "launchedIn", impact: "fellIn" };
      const refresh = () => {
        const { spots } = this;
        const told = [];
        let undated = 0;
        for (let spot = 0; spot < spots.length; spot++) {
          if (spots.located[spot] || !this.totals[spot]) continue;
          const n = whole(this.totals[spot]);
          const status = spots.status(spot);
          if (status === "country") told.push([n, say(words[this.role], { n, place: held.cells.areas.get("name", spots.area[spot]) })]);
          else told.push([n, say(status === "not placed" ? "notPlaced" : "notTold", { n })]);
        }
        const { data, selection } = this;
        for (let i = 0; i < data.count.length; i++) if (data.first[i] === OPEN && data.last[i] === OPEN && selection.has(i)) undated += data.count[i];
        told.sort((a, b) => b[0] - a[0]);
        if (undated) told.push([undated, say("undated", { n: whole(undated) })]);
        for (const [n, name] of kept) if (n) told.push([n, `${say(name, { n })}`]);
        list.replaceChildren(...told.map(([, text]) => el("span", { dir: "auto" }, text)), ...held.notices.map((note) => el("p", { dir: "auto" }, note)));
      };
      this.selection.onChange(refresh);
      refresh();
      return list;
    }

    /** The largest hexagons and areas in view as a list: the map for the keyboard and for screen readers. */
    list(page) {
      const { map } = page;
      const lines = el("ol", { class: "geoinc-cells" });
      const node = disclosure("incidents", say("cellsInView"), () => [lines]);
      const refresh = () => {
        if (!node.open) return;
        const bounds = map.getBounds();
        const [west, east] = [mercatorX(bounds.getWest()), mercatorX(bounds.getEast())];
        const [north, south] = [mercatorY(bounds.getNorth()), mercatorY(bounds.getSouth())];
        const found = this.level(map.getZoom());
        const seen = [...found.cells, ...this.drawn].filter(({ x, y }) => x > west && x < east && y > north && y < south);
        seen.sort((a, b) => b.count - a.count);
        lines.replaceChildren(...seen.slice(0, MOST_LINES).map((one) => el("li", {}, el("button", {
          type: "button",
          onclick: () => this.choose(one, page),
          onfocus: () => this.hover([one]),
          onblur: () => this.hover([]),
        }, el("b", {}, figure(whole(one.count))), el("span", { dir: "auto" }, [one.name, this.where(one)].filter(Boolean).join(" · "))))));
      };
      node.addEventListener("toggle", refresh);
      this.selection.onChange(refresh);
      map.on("moveend", refresh);
      return node;
    }

    /** The parts of the panel of such a map. */
    parts(page) {
      this.state = page.state;
      const { cells, incidents } = this.held;
      const kind = kinds(page);
      const filters = disclosure("filters", say("filters"), () => [kind?.node, el("p", { class: "geoinc-many" }, say("manyFilters", { n: incidents.length }))].filter(Boolean));
      filters.addEventListener("toggle", () => kind?.refresh());
      const note = el("p", { class: "geoinc-many" }, say("manyNote", { n: cells.most, few: cells.few, km: km(EQUATOR / 2 ** cells.neighbourhood) }));
      return [note, this.legend(page), ...[page.statistics.node].filter(Boolean), this.chips(), this.list(page), filters, about({ data: this.held })];
    }
  }

  const step = (number, classes) => Math.round((number * (PALETTE.scale.length - 1)) / Math.max(1, classes - 1));
  const shade = (count, bounds) => PALETTE.scale[step(Math.max(0, bounds.findLastIndex((bound) => whole(count) >= bound)), bounds.length)];

  /** Letters that can be read on a colour. */
  function ink(colour) {
    const [red, green, blue] = [1, 3, 5].map((i) => (parseInt(colour.slice(i, i + 2), 16) / 255) ** 2.2);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.25 ? "#14181D" : "#FFFFFF";
  }

  geoinc.Many = Many;
})();
