/*
 * Links from a launch to its target, and thinner to where it fell: who says
 * that they belong together is in the record; a link is no flight path.
 */
(() => {
  "use strict";

  const { PALETTE, ROLE_NAMES, Index } = geoinc;

  /** Links shorter than this many pixels are drawn as a ring around both ends. */
  const SHORT = 25;
  /** How far the control point of a link stands off, as part of its length. */
  const BULGE = 0.32;
  /** Links are drawn so many pixels beyond the canvas, for what of them is wider than a line. */
  const BESIDE = 40;
  /** More than this cannot be told apart: those with the most incidents are drawn. */
  const MOST = 300;
  const MOST_DENSE = 60;
  /** Ends without a symbol are gathered in cells of so many pixels: in view, and among many places. */
  const NEAR_CELL = 8;
  const DENSE_CELL = 120;
  /** Ends out of view are gathered in cells of this size, twice that from the double distance on, and so forth. */
  const FAR_CELL = 300;
  const NONE = -1;
  /** Kinds of link: both ends have a symbol; the second is a target. */
  const FINE = 1;
  const STRUCK = 2;
  const KINDS = 4;
  /** Counts from here on are sorted as they are. */
  const TALLIED = 1000;

  /** The numbers of items in the order of one key, and for equal ones of another, and for equal ones as they stand. */
  function ordered(first, second, count) {
    const bySecond = new Index(second, count).rows;
    const { rows } = new Index(bySecond.map((item) => first[item]), count);
    return rows.map((place) => bySecond[place]);
  }

  class Links {
    constructor(data, groups) {
      this.groups = groups;
      this.pair(...this.kept(data.links));
      this.refresh();
    }

    /** The groups at both ends of the links that can be drawn, and whose they are. */
    kept(links) {
      const { groupOf } = this.groups;
      const columns = ["launch_row", "target_row", "incident"].map((name) => links.figures(name));
      const [from, to, incident] = columns.map(() => new Int32Array(links.length));
      let count = 0;
      for (let row = 0; row < links.length; row++) {
        const [launch, other] = [groupOf[columns[0][row]], groupOf[columns[1][row]]];
        if (launch === NONE || other === NONE) continue;
        from[count] = launch;
        to[count] = other;
        incident[count++] = columns[2][row];
      }
      return [from, to, incident].map((values) => values.subarray(0, count));
    }

    /** Put links between the same two groups together, those of each incident once. */
    pair(from, to, incident) {
      const { groups } = this;
      const impact = ROLE_NAMES.indexOf("impact");
      const struck = (link) => (groups.role[to[link]] === impact ? 0 : STRUCK);
      const order = ordered(from, to, groups.count);
      // How many links of either kind an incident has: one symbol may stand for both ends of several.
      const several = new Uint8Array(2 * groups.pairs.starts.length);
      const kept = new Uint32Array(order.length);
      let count = 0;
      for (const link of order) {
        const last = kept[count - 1];
        if (count && from[last] === from[link] && to[last] === to[link] && incident[last] === incident[link]) continue;
        kept[count++] = link;
        const at = 2 * incident[link] + (struck(link) ? 1 : 0);
        several[at] = Math.min(2, several[at] + 1);
      }
      const loose = [];
      const [starts, first] = [[], []];
      const whose = new Int32Array(count);
      let size = 0;
      for (let i = 0; i < count; i++) {
        const link = kept[i];
        const before = first.at(-1);
        if (first.length === 0 || from[before] !== from[link] || to[before] !== to[link]) {
          first.push(link);
          starts.push(size);
        }
        if (several[2 * incident[link] + (struck(link) ? 1 : 0)] > 1) loose.push({ incident: incident[link], pair: first.length - 1 });
        else whose[size++] = incident[link];
      }
      /** Of each pair of groups: both ends, the kind of its links, and where its incidents begin. */
      this.from = Int32Array.from(first, (link) => from[link]);
      this.to = Int32Array.from(first, (link) => to[link]);
      this.kind = Uint8Array.from(first, (link) => (groups.area[from[link]] || groups.area[to[link]] ? 0 : FINE) | struck(link));
      this.starts = Uint32Array.from([...starts, size]);
      this.incidents = whose.subarray(0, size);
      /** What may be counted twice where pairs become one, in the order of incidents. */
      this.loose = loose.sort((a, b) => a.incident - b.incident);
      this.found = new Int32Array(this.from.length);
      this.table = new Int32Array(0);
    }

    /** Take in how many incidents the selection shows of each pair. */
    refresh() {
      const { groups, from, to, starts, incidents } = this;
      const { refusals, roles } = groups.selection;
      const visible = Uint8Array.from(groups.role, (role) => (roles.has(ROLE_NAMES[role]) ? 1 : 0));
      const byAccount = groups.selection.unit === "accounts";
      this.counts ??= new Uint32Array(from.length);
      for (let pair = 0; pair < from.length; pair++) {
        let count = 0;
        if (visible[from[pair]] & visible[to[pair]]) {
          for (let i = starts[pair]; i < starts[pair + 1]; i++) {
            if (refusals[incidents[i]] === 0) count += byAccount ? groups.worth(incidents[i]) : 1;
          }
        }
        this.counts[pair] = count;
      }
      this.looseShown = this.loose.filter(({ incident, pair }) => refusals[incident] === 0 && visible[from[pair]] & visible[to[pair]]);
    }

    /** The lines to draw in a view, links between the same two ends as one; `omitted` is how many are not. */
    lines(layout) {
      this.omitted = 0;
      if (layout.mode === "density") return [];
      const { groups, from, to, kind, counts } = this;
      const { near } = layout;
      const [starts, stops] = [new Ends(groups, layout, true), new Ends(groups, layout, false)];
      const [a, b, width] = [starts.numbers, stops.numbers, stops.list.length];
      // A table of all pairs of ends, two numbers each: how many incidents (and, below, what kind),
      // and the last pair of groups; so a million links are counted while a frame is drawn.
      if (this.table.length < starts.list.length * width * 2) this.table = new Int32Array(starts.list.length * width * 2);
      const { table, found } = this;
      let count = 0;
      for (let pair = 0; pair < from.length; pair++) {
        // What neither begins nor ends on the canvas would at most cross it.
        if (counts[pair] === 0 || (near[from[pair]] | near[to[pair]]) === 0) continue;
        const at = (a[from[pair]] * width + b[to[pair]]) * 2;
        if (table[at] === 0) found[count++] = at;
        table[at] = (table[at] + KINDS * counts[pair]) | kind[pair];
        table[at + 1] = pair;
      }
      const last = new Map();
      for (const { incident, pair } of this.looseShown) {
        if ((near[from[pair]] | near[to[pair]]) === 0) continue;
        const at = (a[from[pair]] * width + b[to[pair]]) * 2;
        if (table[at] === 0) found[count++] = at;
        if (last.get(at) !== incident) table[at] += KINDS * groups.worth(incident);
        last.set(at, incident);
        table[at] |= kind[pair];
        table[at + 1] = pair;
      }
      const drawn = largest(found, count, table, layout.dense ? MOST_DENSE : MOST);
      this.omitted = count - drawn.length;
      const lines = drawn.map((at) => shaped({
        ends: [starts.list[Math.floor(at / 2 / width)], stops.list[(at / 2) % width]],
        groups: [from[table[at + 1]], to[table[at + 1]]],
        count: Math.floor(table[at] / KINDS),
        coarse: !(table[at] & FINE),
        fell: !(table[at] & STRUCK),
      }, layout.view.size, layout.dense ? 0.5 : Math.max(0.4, Math.min(1, 150 / drawn.length))));
      for (let i = 0; i < count; i++) table[found[i]] = 0;
      return lines;
    }
  }

  /** Of the first so many pairs of ends those with the largest counts, the first of equal ones, the largest first. */
  function largest(found, count, table, most) {
    let least = 0;
    if (count > most) {
      const tally = new Uint32Array(TALLIED + 1);
      for (let i = 0; i < count; i++) tally[Math.min(TALLIED, Math.floor(table[found[i]] / KINDS))]++;
      least = TALLIED;
      for (let sum = tally[least]; sum < most; sum += tally[least]) least--;
    }
    const chosen = [];
    for (let i = 0; i < count; i++) if (table[found[i]] >= least * KINDS) chosen.push(found[i]);
    const size = (at) => Math.floor(table[at] / KINDS);
    return chosen.sort((one, other) => size(other) - size(one)).slice(0, most);
  }

  /** Where links end: at symbols, in the middle of areas, or somewhere out of view. */
  class Ends {
    constructor(groups, layout, launches) {
      Object.assign(this, { groups, layout, list: [], cells: new Map() });
      this.numbers = new Int32Array(groups.count).fill(NONE);
      this.ofNode = new Int32Array(layout.nodes.length).fill(NONE);
      const launch = ROLE_NAMES.indexOf("launch");
      for (let group = 0; group < groups.count; group++) {
        if (groups.shown[group] && (groups.role[group] === launch) === launches) this.numbers[group] = this.find(group);
      }
    }

    /** The number of the end at a group, the same for groups that share it. */
    find(group) {
      const { groups, layout } = this;
      const node = layout.nodeOf[group];
      if (node !== NONE) {
        if (this.ofNode[node] === NONE) this.ofNode[node] = this.add(layout.nodes[node]);
        return this.ofNode[node];
      }
      const { size } = layout.view;
      const [x, y] = [groups.onCanvas.x[group], groups.onCanvas.y[group]];
      const near = layout.near[group] === 1;
      const away = near ? 0 : Math.max(-x, -y, x - size.x, y - size.y);
      const level = Math.max(0, Math.floor(Math.log2(1 + away / FAR_CELL)));
      const wide = !near ? FAR_CELL * 2 ** level : layout.dense ? DENSE_CELL : NEAR_CELL;
      const key = ((Math.floor(y / wide) * 1e5 + Math.floor(x / wide)) * 32 + level) * 8 + groups.role[group] * 2 + (near ? 1 : 0);
      if (!this.cells.has(key)) this.cells.set(key, this.add({ x, y, radius: layout.mode === "points" ? 12 : 3 }));
      return this.cells.get(key);
    }

    add(spot) {
      this.list.push(spot);
      return this.list.length - 1;
    }
  }

  /** How a line is drawn: a ring where both ends are close, else an arc as wide as its incidents are many. */
  function shaped(line, size, opacity) {
    const [a, b] = line.ends;
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    const wide = 1.3 + Math.min(3, Math.log2(Math.max(1, line.count)));
    line.width = line.fell ? wide * 0.5 : wide;
    line.opacity = opacity;
    if (length >= SHORT) return Object.assign(line, { curve: arc(a, b, size) });
    const radius = length / 2 + Math.max(a.radius, b.radius) + 3;
    line.ring = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, radius, reach: radius };
    return line;
  }

  /** An arc of constant bulge, ending before the symbol it points at; no flight path. */
  function paintLink(context, { ring, curve, width, coarse, opacity, fell }, faded) {
    context.globalAlpha = faded ? 0.15 : opacity;
    const line = new Path2D();
    if (ring) {
      line.arc(ring.x, ring.y, ring.radius, 0, 7);
      strokeCased(context, line, 1.1, coarse);
    } else if (curve) {
      const [start, control, stop] = curve;
      line.moveTo(...start);
      line.quadraticCurveTo(...control, ...stop);
      strokeCased(context, line, width, coarse);
      paintArrow(context, at(curve, 0.94), stop, (fell ? 4 : 6) + width);
    }
    context.globalAlpha = 1;
  }

  const between = ([x, y], [otherX, otherY], t) => [x + (otherX - x) * t, y + (otherY - y) * t];

  /** The point between two parameters of a curve (its blossom); where both are the same, a point on it. */
  function at([start, control, stop], t, other = t) {
    return between(between(start, control, t), between(control, stop, t), other);
  }

  /** The part of an arc that lies clear of its ends and on the canvas, as start, control and stop; null where there is none. */
  function arc(a, b, size) {
    const whole = [[a.x, a.y], [(a.x + b.x) / 2 + (b.y - a.y) * BULGE, (a.y + b.y) / 2 - (b.x - a.x) * BULGE], [b.x, b.y]];
    const step = 3 / Math.max(36, Math.hypot(b.x - a.x, b.y - a.y));
    const far = (end, t) => {
      const [x, y] = at(whole, t);
      return Math.hypot(x - end.x, y - end.y);
    };
    let [from, to] = [0, 1];
    while (from < to && far(a, from) <= a.radius + 2) from += step;
    while (to > from && far(b, to) <= b.radius + 3) to -= step;
    const [enters, leaves] = seen(whole, size);
    from = Math.max(from, enters);
    to = Math.min(to, leaves);
    return to - from < 2 * step ? null : [at(whole, from), at(whole, from, to), at(whole, to)];
  }

  /** Between which parameters a curve is on the canvas, or what may be beside it is: dashes far out of view take long. */
  function seen(curve, size) {
    const [left, top, right, bottom] = [-BESIDE, -BESIDE, size.x + BESIDE, size.y + BESIDE];
    const edges = [...crossings(curve, 0, left), ...crossings(curve, 0, right), ...crossings(curve, 1, top), ...crossings(curve, 1, bottom)];
    const cuts = [0, ...edges.filter((t) => t > 0 && t < 1).sort((one, other) => one - other), 1];
    const inside = cuts.slice(1).map((cut, i) => {
      const [x, y] = at(curve, (cuts[i] + cut) / 2);
      return x >= left && x <= right && y >= top && y <= bottom;
    });
    const first = inside.indexOf(true);
    return first === -1 ? [0, 0] : [cuts[first], cuts[inside.lastIndexOf(true) + 1]];
  }

  /** Where a curve has a coordinate (0 or 1) of a value: the roots of a quadratic. */
  function crossings([start, control, stop], axis, value) {
    const square = start[axis] - 2 * control[axis] + stop[axis];
    const half = control[axis] - start[axis];
    const rest = start[axis] - value;
    if (Math.abs(square) < 1e-9) return half ? [-rest / (2 * half)] : [];
    const root = Math.sqrt(half * half - square * rest);
    return Number.isNaN(root) ? [] : [(-half - root) / square, (-half + root) / square];
  }

  /** Points along the first part of a curve, for what must not stand on it. */
  function along(curve, part) {
    const [start, , stop] = curve;
    const steps = Math.max(8, Math.min(48, Math.round(Math.hypot(stop[0] - start[0], stop[1] - start[1]) / 6)));
    return Array.from({ length: Math.ceil(part * steps) }, (_, i) => at(curve, i / steps));
  }

  function paintArrow(context, before, tip, size) {
    const angle = Math.atan2(tip[1] - before[1], tip[0] - before[0]);
    const head = new Path2D();
    head.moveTo(tip[0] + Math.cos(angle) * 2, tip[1] + Math.sin(angle) * 2);
    for (const side of [-0.45, 0.45]) head.lineTo(tip[0] - size * Math.cos(angle + side), tip[1] - size * Math.sin(angle + side));
    head.closePath();
    context.strokeStyle = PALETTE.edge;
    context.lineWidth = 2;
    context.stroke(head);
    context.fillStyle = PALETTE.line;
    context.fill(head);
  }

  function strokeCased(context, path, width, dashed) {
    context.strokeStyle = PALETTE.halo;
    context.lineWidth = width + 2.5;
    context.stroke(path);
    context.strokeStyle = PALETTE.line;
    context.lineWidth = width;
    context.setLineDash(dashed ? [width + 4, width + 3.5] : []);
    context.stroke(path);
    context.setLineDash([]);
  }

  Object.assign(geoinc, { Links, along, paintLink });
})();
