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
  const FAR_CELL = 240;
  const NONE = -1;
  /** Kinds of link: both ends have a symbol; the second is a target. */
  const FINE = 1;
  const STRUCK = 2;

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
      this.impact = ROLE_NAMES.indexOf("impact");
      this.refresh();
    }

    /** Take in which links the selection shows. */
    refresh() {
      const { groups, from, to, incident } = this;
      const { selection } = groups;
      const visible = ROLE_NAMES.map((name) => selection.roles.has(name));
      const shown = new Uint32Array(from.length);
      let count = 0;
      for (let i = 0; i < from.length; i++) {
        if (visible[groups.role[from[i]]] && visible[groups.role[to[i]]] && selection.has(incident[i])) shown[count++] = i;
      }
      this.shown = shown.subarray(0, count);
    }

    /** The lines to draw in a view, links between the same two ends as one; `omitted` is how many are not. */
    lines(layout) {
      const { groups, from, to, incident, shown } = this;
      const [starts, stops] = [new Ends(groups, layout), new Ends(groups, layout)];
      const [a, b] = [starts.number(from, shown), stops.number(to, shown)];
      const width = stops.list.length;
      const byAccount = groups.selection.unit === "accounts";
      // A table of all pairs of ends, three numbers each: how many incidents, the last link,
      // and what kind; so a million links are counted while a frame is drawn.
      const table = new Int32Array(starts.list.length * width * 3);
      for (let k = 0; k < shown.length; k++) {
        const [i, at] = [shown[k], (a[k] * width + b[k]) * 3];
        if (table[at] === 0 || incident[table[at + 1]] !== incident[i]) table[at] += byAccount ? groups.worth(incident[i]) : 1;
        table[at + 1] = i;
        if (!groups.area[from[i]] && !groups.area[to[i]]) table[at + 2] |= FINE;
        if (groups.role[to[i]] !== this.impact) table[at + 2] |= STRUCK;
      }
      const seen = [];
      for (let start = 0, at = 0; start < starts.list.length; start++) {
        for (let stop = 0; stop < width; stop++, at += 3) {
          if (table[at] && (starts.list[start].seen || stops.list[stop].seen)) seen.push(at);
        }
      }
      const drawn = largest(seen, table, layout.dense ? MOST_DENSE : MOST);
      this.omitted = seen.length - drawn.length;
      return drawn.map((at) => shaped({
        ends: [starts.list[Math.floor(at / 3 / width)], stops.list[(at / 3) % width]],
        groups: [from[table[at + 1]], to[table[at + 1]]],
        count: table[at],
        coarse: !(table[at + 2] & FINE),
        fell: !(table[at + 2] & STRUCK),
      }, drawn.length));
    }
  }

  /** The pairs with the largest counts, the first of equal ones, the largest first. */
  function largest(pairs, count, most) {
    if (pairs.length > most) {
      const top = pairs.reduce((max, pair) => Math.max(max, count[pair]), 0);
      const tally = new Uint32Array(top + 2);
      for (const pair of pairs) tally[count[pair]]++;
      let least = top;
      for (let sum = tally[top]; least > 1 && sum + tally[least - 1] <= most; ) sum += tally[--least];
      const above = pairs.filter((pair) => count[pair] >= least);
      const even = [];
      for (let i = 0; i < pairs.length && above.length + even.length < most; i++) if (count[pairs[i]] === least - 1) even.push(pairs[i]);
      pairs = [...above, ...even].slice(0, most);
    }
    return pairs.sort((one, other) => count[other] - count[one]);
  }

  /** Where links end: at symbols, in the middle of areas, or somewhere out of view. */
  class Ends {
    constructor(groups, layout) {
      Object.assign(this, { groups, layout, list: [], cells: new Map() });
      this.ofNode = new Int32Array(layout.nodes.length).fill(NONE);
    }

    /** The numbers of the ends of some links. */
    number(ends, links) {
      const known = new Int32Array(this.groups.count).fill(NONE);
      const numbers = new Int32Array(links.length);
      for (let k = 0; k < links.length; k++) {
        const group = ends[links[k]];
        if (known[group] === NONE) known[group] = this.find(group);
        numbers[k] = known[group];
      }
      return numbers;
    }

    find(group) {
      const { groups, layout } = this;
      const { view } = layout;
      const node = layout.nodeOf[group];
      if (node !== NONE) {
        if (this.ofNode[node] === NONE) this.ofNode[node] = this.add(layout.nodes[node], true);
        return this.ofNode[node];
      }
      const [x, y] = [view.x(groups.x[group]), view.y(groups.y[group])];
      const seen = x > 0 && y > 0 && x < view.size.x && y < view.size.y;
      const size = !seen ? FAR_CELL : layout.dense ? DENSE_CELL : NEAR_CELL;
      const key = (Math.floor(y / size) * 1e6 + Math.floor(x / size)) * 4 + groups.role[group] + (seen ? 0.5 : 0);
      if (!this.cells.has(key)) this.cells.set(key, this.add({ x, y, radius: layout.mode === "points" ? 12 : 3 }, seen));
      return this.cells.get(key);
    }

    add(spot, seen) {
      this.list.push(Object.assign(spot, { seen }));
      return this.list.length - 1;
    }
  }

  /** How a line is drawn: a ring where both ends are close, else an arc as wide as its incidents are many. */
  function shaped(line, among) {
    const [a, b] = line.ends;
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    const wide = 1.3 + Math.min(3, Math.log2(Math.max(1, line.count)));
    line.width = line.fell ? wide * 0.5 : wide;
    line.opacity = Math.max(0.4, Math.min(1, 150 / among));
    if (length >= SHORT) return line;
    const radius = length / 2 + Math.max(a.radius, b.radius) + 3;
    line.ring = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, radius, reach: radius };
    return line;
  }

  /** An arc of constant bulge, ending before the symbol it points at; no flight path. */
  function paintLink(context, { ends: [a, b], ring, width, coarse, opacity, fell }, faded) {
    context.globalAlpha = faded ? 0.15 : opacity;
    const line = new Path2D();
    if (ring) {
      line.arc(ring.x, ring.y, ring.radius, 0, 7);
      strokeCased(context, line, 1.1, coarse);
    } else {
      const points = arc(a, b);
      if (points.length > 2) {
        points.forEach(([x, y], i) => line[i ? "lineTo" : "moveTo"](x, y));
        strokeCased(context, line, width, coarse);
        paintArrow(context, points.at(-3), points.at(-1), (fell ? 4 : 6) + width);
      }
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
