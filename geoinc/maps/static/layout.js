/*
 * What stands where at one zoom: symbols that would cover each other become
 * one, areas too small to see become dots.
 */
(() => {
  "use strict";

  const { ROLE_NAMES } = geoinc;

  /** A symbol for every place, as long as each has this many square pixels of the canvas. */
  const ROOM_EACH = 1500;
  /** Where there is less, places near to each other are one spot, with its symbols so far apart. */
  const BESIDE = 29;
  /** Places this much above or below each other, in pixels, are near. */
  const ABOVE = 36;
  /** Cells in which places are gathered before that. */
  const CELL = 12;
  /** Areas smaller than this, in pixels, are not drawn around a symbol. */
  const LEAST_AREA = 9;
  /** Around symbols only so many areas are drawn: more would cover the map. */
  const MOST_SITES = 400;
  /** Areas smaller than this are dots, gathered in cells of this size. */
  const DOT = 2.5;
  const NONE = -1;

  const radiusOf = (count) => (count === 1 ? 7 : 10 + Math.min(4, Math.log2(count) * 0.8));

  /** Where symbols stand for many places their size tells more, as far as their neighbours leave room. */
  const wideOf = (count, most) => (count === 1 ? 7 : Math.min(most, 8 + 2.3 * Math.log10(count)));

  class Layout {
    constructor(groups, view, mode) {
      Object.assign(this, { groups, view, mode, nodes: [], areas: [], dots: [], members: new Map() });
      /** Of each group, the number of its symbol. */
      this.nodeOf = new Int32Array(groups.count).fill(NONE);
      /** 1 for each group whose centre is on the canvas. */
      this.near = new Uint8Array(groups.count);
      this.project();
      if (mode === "points") this.placeSymbols();
      if (mode !== "density") this.placeAreas();
    }

    /** Where the groups are on the canvas. */
    project() {
      const { groups, view, near } = this;
      const { x, y } = groups.onCanvas;
      const { scale, left, top, size } = view;
      for (let group = 0; group < groups.count; group++) {
        const across = (x[group] = groups.x[group] * scale - left);
        const down = (y[group] = groups.y[group] * scale - top);
        near[group] = across > 0 && down > 0 && across < size.x && down < size.y ? 1 : 0;
      }
    }

    /** The groups of a symbol, the one with the most incidents first; found when first asked for. */
    groupsOf({ number }) {
      const { nodeOf, groups, members } = this;
      if (!members.has(number)) {
        const found = [];
        for (let group = 0; group < groups.count; group++) if (nodeOf[group] === number) found.push(group);
        members.set(number, found.sort((a, b) => groups.shown[b] - groups.shown[a]));
      }
      return members.get(number);
    }

    /** Whether something that reaches so far from a place is on the canvas. */
    inView(group, reach) {
      const { x, y } = this.groups.onCanvas;
      const { size } = this.view;
      return x[group] > -reach && y[group] > -reach && x[group] < size.x + reach && y[group] < size.y + reach;
    }

    placeSymbols() {
      const { groups, view } = this;
      const points = [];
      for (let group = 0; group < groups.count; group++) {
        if (groups.shown[group] && !groups.area[group] && this.inView(group, 20)) points.push(group);
      }
      this.dense = points.length * ROOM_EACH > view.size.x * view.size.y;
      if (this.dense) this.cluster(points);
      else this.merge(points);
      this.count();
      if (!this.dense) this.ringTargets();
    }

    addNode(role, x, y) {
      const node = { number: this.nodes.length, role: ROLE_NAMES[role], x, y, count: 0, places: 0, top: NONE };
      this.nodes.push(node);
      return node;
    }

    /** Symbols of one role that would cover each other become one, at the place of the largest. */
    merge(points) {
      const { groups, view, nodeOf } = this;
      const at = groups.onCanvas;
      const cells = new Map();
      const width = Math.ceil(view.size.x / 24) + 4;
      points.sort((a, b) => groups.shown[b] - groups.shown[a] || a - b);
      for (const group of points) {
        const [x, y] = [at.x[group], at.y[group]];
        const role = groups.role[group];
        const key = ((Math.floor(y / 24) + 2) * width + Math.floor(x / 24) + 2) * ROLE_NAMES.length + role;
        let node;
        for (let line = -1; line <= 1 && !node; line++) {
          for (let column = -1; column <= 1 && !node; column++) {
            const near = cells.get(key + (line * width + column) * ROLE_NAMES.length);
            node = near?.find((other) => Math.hypot(other.x - x, other.y - y) < radiusOf(other.rough) + 8);
          }
        }
        if (!node) {
          node = this.addNode(role, x, y);
          node.rough = 0;
          if (!cells.has(key)) cells.set(key, []);
          cells.get(key).push(node);
        }
        node.rough += groups.shown[group];
        nodeOf[group] = node.number;
      }
    }

    /** Places that are near each other become one spot, with a symbol for each role side by side. */
    cluster(points) {
      const { groups, view, nodeOf } = this;
      const { x, y } = groups.onCanvas;
      // Cells keep to the ground, so that spots stay where they are while the map is dragged.
      const [shiftX, shiftY] = [view.left, view.top].map((edge) => edge - Math.floor(edge / CELL) * CELL + 4 * CELL);
      const width = Math.ceil((view.size.x + shiftX) / CELL) + 4;
      const height = Math.ceil((view.size.y + shiftY) / CELL) + 4;
      const [total, sumX, sumY] = [0, 1, 2].map(() => new Float64Array(width * height));
      const cellOf = new Int32Array(points.length);
      const full = [];
      let seen = 0;
      for (let i = 0; i < points.length; i++) {
        const group = points[i];
        const cell = Math.floor((y[group] + shiftY) / CELL) * width + Math.floor((x[group] + shiftX) / CELL);
        const shown = groups.shown[group];
        if (total[cell] === 0) full.push(cell);
        cellOf[i] = cell;
        total[cell] += shown;
        sumX[cell] += shown * x[group];
        sumY[cell] += shown * y[group];
        seen |= 1 << groups.role[group];
      }
      const order = ["launch", "target", "impact"].map((name) => ROLE_NAMES.indexOf(name)).filter((role) => seen & (1 << role));
      const [across, down] = [Math.round((order.length * BESIDE + 6) / CELL), Math.round(ABOVE / CELL)];
      full.sort((a, b) => total[b] - total[a] || a - b);
      const spotOf = new Int32Array(width * height).fill(NONE);
      const spots = [];
      for (const cell of full) {
        if (spotOf[cell] !== NONE) continue;
        const [line, column] = [Math.floor(cell / width), cell % width];
        for (let i = Math.max(0, line - down); i <= Math.min(height - 1, line + down); i++) {
          for (let j = Math.max(0, column - across); j <= Math.min(width - 1, column + across); j++) {
            if (total[i * width + j] && spotOf[i * width + j] === NONE) spotOf[i * width + j] = spots.length;
          }
        }
        spots.push({ x: sumX[cell] / total[cell], y: sumY[cell] / total[cell], nodes: [] });
      }
      for (let i = 0; i < points.length; i++) {
        const spot = spots[spotOf[cellOf[i]]];
        const role = groups.role[points[i]];
        spot.nodes[role] ??= this.addNode(role, spot.x + (order.indexOf(role) - (order.length - 1) / 2) * BESIDE, spot.y);
        nodeOf[points[i]] = spot.nodes[role].number;
      }
    }

    /** How many incidents each symbol stands for, each of them once; its places, and the first of them. */
    count() {
      const { groups, nodeOf, nodes } = this;
      const counts = new Float64Array(nodes.length);
      for (let group = 0; group < groups.count; group++) {
        if (nodeOf[group] === NONE) continue;
        const node = nodes[nodeOf[group]];
        counts[node.number] += groups.shown[group];
        node.places++;
        if (node.top === NONE || groups.shown[group] > groups.shown[node.top]) node.top = group;
      }
      this.countOnce(counts);
      const most = new Set(nodes.map(({ role }) => role)).size > 1 ? BESIDE / 2 : 17;
      for (const node of nodes) {
        node.count = counts[node.number];
        node.radius = node.reach = this.dense ? wideOf(node.count, most) : radiusOf(node.count);
      }
    }

    /** Take away what was counted twice: an incident at several places of one symbol. */
    countOnce(counts) {
      const { groups, nodeOf, nodes } = this;
      const { pairs, repeated } = groups;
      const last = new Int32Array(nodes.length).fill(NONE);
      for (const incident of repeated) {
        if (!groups.selection.has(incident)) continue;
        for (let i = pairs.starts[incident]; i < pairs.starts[incident + 1]; i++) {
          const node = nodeOf[pairs.groups[i]];
          if (node === NONE) continue;
          if (last[node] === incident) counts[node] -= groups.worth(incident);
          last[node] = incident;
        }
      }
    }

    /** An impact on the very target is a ring around its square. */
    ringTargets() {
      const targets = this.nodes.filter(({ role }) => role === "target");
      for (const node of this.nodes) {
        if (node.role !== "impact") continue;
        const target = targets.find((other) => Math.abs(other.x - node.x) < 6 && Math.hypot(other.x - node.x, other.y - node.y) < 6);
        if (!target) continue;
        target.reach = target.radius + 7;
        Object.assign(node, { around: target, x: target.x, y: target.y, radius: target.radius + 4.5 });
      }
    }

    /** Footprints that can be seen, the largest first. */
    placeAreas() {
      const { groups, view, mode } = this;
      const dots = new Map();
      let sites = 0;
      const areas = [];
      for (let group = 0; group < groups.count; group++) {
        if (!groups.shown[group]) continue;
        const radius = groups.radius[group] * view.scale;
        const own = groups.area[group] === 1;
        if (mode === "points" && !own && (radius < LEAST_AREA || this.dense)) continue;
        if (!this.inView(group, radius + 5)) continue;
        const [x, y] = [groups.onCanvas.x[group], groups.onCanvas.y[group]];
        if (radius < DOT) {
          const [column, line] = [Math.floor(x / DOT), Math.floor(y / DOT)];
          const key = (line * 20000 + column) * ROLE_NAMES.length + groups.role[group];
          const dot = dots.get(key) ?? { role: ROLE_NAMES[groups.role[group]], x: column * DOT, y: line * DOT, count: 0 };
          dot.count += groups.shown[group];
          dots.set(key, dot);
          continue;
        }
        if (!own) sites++;
        areas.push({ group, x, y, radius, own, role: ROLE_NAMES[groups.role[group]], uncertainty: groups.uncertainty[group], small: radius < 45 });
      }
      this.dots = [...dots.values()];
      this.areas = mode === "points" && sites > MOST_SITES ? areas.filter(({ own }) => own) : areas;
      if (mode === "areas") this.dense = areas.length > MOST_SITES;
      this.areas.sort((a, b) => b.uncertainty - a.uncertainty);
      for (const area of this.areas) area.path = this.footprint(area);
    }

    footprint({ group, x, y, radius }) {
      const { groups, view } = this;
      const place = groups.place[group];
      if (!groups.shapes.isCircle(place)) return view.path(groups.shapes.rings(place));
      const path = new Path2D();
      path.arc(x, y, radius, 0, 7);
      return path;
    }
  }

  geoinc.Layout = Layout;
})();
