/*
 * Links from a launch to its target, and thinner to where it fell: who says
 * that they belong together is in the record; a link is no flight path.
 */
(() => {
  "use strict";

  const { PALETTE, ROLE_NAMES } = geoinc;

  /** Links shorter than this many pixels are drawn as a ring around both ends. */
  const SHORT = 25;
  /** How far the control point of a link stands off, as part of its length. */
  const BULGE = 0.32;
  /** More than this cannot be told apart: those with the most incidents are drawn. */
  const MOST = 300;
  const MOST_DENSE = 60;
  /** Ends without a symbol are gathered in cells of so many pixels: in view, among many places, and out of view. */
  const NEAR_CELL = 8;
  const DENSE_CELL = 120;
  const FAR_CELL = 300;
  const NONE = -1;
  /** Kinds of link: both ends have a symbol; the second is a target. */
  const FINE = 1;
  const STRUCK = 2;
  const KINDS = 4;
  /** Counts from here on are sorted as they are. */
  const TALLIED = 1000;

  class Links {
    constructor(data, groups) {
      const { links } = data;
      this.groups = groups;
      const [from, to, incident] = ["launch_row", "target_row", "incident"].map((name) => links.figures(name));
      const kept = [];
      for (let row = 0; row < links.length; row++) {
        if (groups.groupOf[from[row]] !== NONE && groups.groupOf[to[row]] !== NONE) kept.push(row);
      }
      this.from = Int32Array.from(kept, (row) => groups.groupOf[from[row]]);
      this.to = Int32Array.from(kept, (row) => groups.groupOf[to[row]]);
      this.incident = Int32Array.from(kept, (row) => incident[row]);
      const impact = ROLE_NAMES.indexOf("impact");
      this.kind = this.from.map((group, i) => (groups.area[group] || groups.area[this.to[i]] ? 0 : FINE) | (groups.role[this.to[i]] === impact ? 0 : STRUCK));
      this.refresh();
    }

    /** Take in which links the selection shows. */
    refresh() {
      const { groups, from, to, incident } = this;
      const { refusals, roles } = groups.selection;
      const visible = Uint8Array.from(groups.role, (role) => (roles.has(ROLE_NAMES[role]) ? 1 : 0));
      const shown = new Uint32Array(from.length);
      let count = 0;
      for (let i = 0; i < from.length; i++) {
        if (refusals[incident[i]] === 0 && visible[from[i]] && visible[to[i]]) shown[count++] = i;
      }
      this.shown = shown.subarray(0, count);
    }

    /** The lines to draw in a view, links between the same two ends as one; `omitted` is how many are not. */
    lines(layout) {
      this.omitted = 0;
      if (layout.mode === "density") return [];
      const { groups, from, to, incident, kind, shown } = this;
      const { near } = layout;
      const [starts, stops] = [new Ends(groups, layout), new Ends(groups, layout)];
      // What neither begins nor ends on the canvas would at most cross it.
      for (let k = 0; k < shown.length; k++) {
        const [start, stop] = [from[shown[k]], to[shown[k]]];
        if ((near[start] | near[stop]) === 0) continue;
        if (starts.numbers[start] === NONE) starts.find(start);
        if (stops.numbers[stop] === NONE) stops.find(stop);
      }
      const [a, b, width] = [starts.numbers, stops.numbers, stops.list.length];
      const byAccount = groups.selection.unit === "accounts";
      // A table of all pairs of ends, two numbers each: how many incidents (and, below, what kind),
      // and the last link; so a million links are counted while a frame is drawn.
      const table = new Int32Array(starts.list.length * width * 2);
      const found = new Int32Array(Math.min(shown.length, table.length / 2));
      let count = 0;
      for (let k = 0; k < shown.length; k++) {
        const i = shown[k];
        if ((near[from[i]] | near[to[i]]) === 0) continue;
        const at = (a[from[i]] * width + b[to[i]]) * 2;
        if (table[at] === 0) found[count++] = at;
        if (table[at] < KINDS || incident[table[at + 1]] !== incident[i]) table[at] += KINDS * (byAccount ? groups.worth(incident[i]) : 1);
        table[at] |= kind[i];
        table[at + 1] = i;
      }
      const drawn = largest(found.subarray(0, count), table, layout.dense ? MOST_DENSE : MOST);
      this.omitted = count - drawn.length;
      return drawn.map((at) => shaped({
        ends: [starts.list[Math.floor(at / 2 / width)], stops.list[(at / 2) % width]],
        groups: [from[table[at + 1]], to[table[at + 1]]],
        count: Math.floor(table[at] / KINDS),
        coarse: !(table[at] & FINE),
        fell: !(table[at] & STRUCK),
      }, layout.dense ? 0.5 : Math.max(0.4, Math.min(1, 150 / drawn.length))));
    }
  }

  /** The pairs with the largest counts, the first of equal ones, the largest first. */
  function largest(pairs, table, most) {
    const size = (at) => Math.floor(table[at] / KINDS);
    let chosen = pairs;
    if (pairs.length > most) {
      const tally = new Uint32Array(TALLIED + 1);
      for (let i = 0; i < pairs.length; i++) tally[Math.min(TALLIED, size(pairs[i]))]++;
      let least = TALLIED;
      for (let sum = tally[least]; sum < most; sum += tally[least]) least--;
      chosen = pairs.filter((at) => size(at) >= least);
    }
    return Array.from(chosen).sort((one, other) => size(other) - size(one)).slice(0, most);
  }

  /** Where links end: at symbols, in the middle of areas, or somewhere out of view. */
  class Ends {
    constructor(groups, layout) {
      Object.assign(this, { groups, layout, list: [], cells: new Map() });
      this.numbers = new Int32Array(groups.count).fill(NONE);
      this.ofNode = new Int32Array(layout.nodes.length).fill(NONE);
    }

    /** Give the end at a group its number, the same for groups that share it. */
    find(group) {
      this.numbers[group] = this.shared(group);
    }

    shared(group) {
      const { groups, layout } = this;
      const { view } = layout;
      const node = layout.nodeOf[group];
      if (node !== NONE) {
        if (this.ofNode[node] === NONE) this.ofNode[node] = this.add(layout.nodes[node]);
        return this.ofNode[node];
      }
      const [x, y] = [view.x(groups.x[group]), view.y(groups.y[group])];
      const near = layout.near[group] === 1;
      const size = !near ? FAR_CELL : layout.dense ? DENSE_CELL : NEAR_CELL;
      const key = (Math.floor(y / size) * 1e6 + Math.floor(x / size)) * 4 + groups.role[group] + (near ? 0.5 : 0);
      if (!this.cells.has(key)) this.cells.set(key, this.add({ x, y, radius: layout.mode === "points" ? 12 : 3 }));
      return this.cells.get(key);
    }

    add(spot) {
      this.list.push(spot);
      return this.list.length - 1;
    }
  }

  /** How a line is drawn: a ring where both ends are close, else an arc as wide as its incidents are many. */
  function shaped(line, opacity) {
    const [a, b] = line.ends;
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    const wide = 1.3 + Math.min(3, Math.log2(Math.max(1, line.count)));
    line.width = line.fell ? wide * 0.5 : wide;
    line.opacity = opacity;
    if (length >= SHORT) return Object.assign(line, { points: arc(a, b) });
    const radius = length / 2 + Math.max(a.radius, b.radius) + 3;
    line.ring = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, radius, reach: radius };
    return line;
  }

  /** An arc of constant bulge, ending before the symbol it points at; no flight path. */
  function paintLink(context, { ring, points, width, coarse, opacity, fell }, faded) {
    context.globalAlpha = faded ? 0.15 : opacity;
    const line = new Path2D();
    if (ring) {
      line.arc(ring.x, ring.y, ring.radius, 0, 7);
      strokeCased(context, line, 1.1, coarse);
    } else if (points.length > 2) {
      points.forEach(([x, y], i) => line[i ? "lineTo" : "moveTo"](x, y));
      strokeCased(context, line, width, coarse);
      paintArrow(context, points.at(-3), points.at(-1), (fell ? 4 : 6) + width);
    }
    context.globalAlpha = 1;
  }

  /** Points of an arc that lie clear of its ends. */
  function arc(a, b) {
    const [middleX, middleY] = [(a.x + b.x) / 2 + (b.y - a.y) * BULGE, (a.y + b.y) / 2 - (b.x - a.x) * BULGE];
    const steps = Math.max(12, Math.min(48, Math.round(Math.hypot(b.x - a.x, b.y - a.y) / 6)));
    const points = [];
    for (let step = 0; step <= steps; step++) {
      const t = step / steps;
      const x = (1 - t) ** 2 * a.x + 2 * t * (1 - t) * middleX + t ** 2 * b.x;
      const y = (1 - t) ** 2 * a.y + 2 * t * (1 - t) * middleY + t ** 2 * b.y;
      const clear = Math.hypot(x - a.x, y - a.y) > a.radius + 2 && Math.hypot(x - b.x, y - b.y) > b.radius + 3;
      if (clear) points.push([x, y]);
    }
    return points;
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

  Object.assign(geoinc, { Links, paintLink });
})();
