/*
 * The marks of the incidents on one canvas: symbols, areas or a surface, the
 * links between them and their names; and what lies under a point of the map.
 */
(() => {
  "use strict";

  const { PALETTE, ROLES, FONT, Sheet, Groups, Layout, Links, Density, Room } = geoinc;
  const { along, brief, groundNames, labels, mercatorX, mercatorY, paintLabel, paintLink, paintNames } = geoinc;

  /** A list of more places than this, or of more incidents, is not read: the map zooms in instead. */
  const MOST_PLACES = 30;
  const MOST_INCIDENTS = 500;

  const FEW_LINKS = 80;

  class Marks {
    constructor(data, selection) {
      Object.assign(this, { data, selection });
      this.groups = new Groups(data, selection);
      this.links = new Links(data, this.groups);
      this.density = new Density(this.groups);
      this.lit = new Set();
      this.covers = [];
      this.names = data.basemap.names.map(([name, rank, longitude, latitude, room]) => ({
        name, rank, room: room / 360, x: mercatorX(longitude), y: mercatorY(latitude),
      }));
      this.sheet = new Sheet("geoincMarks", 450, (context, view) => this.paint(context, view));
      selection.onChange(() => {
        for (const part of [this.groups, this.links, this.density]) part.refresh();
        this.layout = null;
        this.sheet.repaint();
      });
    }

    paint(context, view) {
      if (this.layout?.view !== view) this.arrange(context, view);
      const { layout, lines } = this;
      const { mode } = this.selection;
      if (mode === "density") this.density.paint(context, view);
      paintNames(context, this.ground);
      this.paintAreas(context);
      this.paintDots(context);
      const touched = this.touched();
      for (const line of lines) paintLink(context, line, touched && !line.ends.some((end) => touched.has(end)));
      for (const label of this.written) if (label.pill) paintLabel(context, label);
      for (const role of ["launch", "impact", "target"]) {
        for (const node of layout.nodes) if (node.role === role) this.paintSymbol(context, node, touched?.has(node));
      }
      for (const label of this.written) if (!label.pill) paintLabel(context, label);
    }

    /** Keep names clear of the edges of what lies over the map. */
    beside(covers) {
      this.covers = covers;
      this.layout = null;
      this.sheet.repaint();
    }

    /** Find what stands where in a view. */
    arrange(context, view) {
      this.layout = new Layout(this.groups, view, this.selection.mode);
      const room = new Room(view);
      for (const { x, y, radius } of this.layout.nodes) room.take(x, y, radius * 2, radius * 2);
      const frame = this.sheet.canvas.getBoundingClientRect();
      for (const cover of this.covers) {
        const { left, top, width, height } = cover.getBoundingClientRect();
        room.take(left - frame.left + width / 2, top - frame.top + height / 2, width, height);
      }
      this.lines = this.links.lines(this.layout);
      const few = !this.layout.dense && this.lines.length <= FEW_LINKS;
      for (const { ring, curve, ends } of this.lines) {
        // Where there are few links, no name stands on one, but beside its tip.
        if (few && curve) for (const [x, y] of along(curve, 0.65)) room.take(x, y, 4, 4);
        if (!ring) continue;
        room.take(ring.x, ring.y, ring.radius * 1.7, ring.radius * 1.7);
        for (const end of ends) end.ring = ring;
      }
      this.written = labels(context, this.layout, room);
      this.ground = groundNames(context, this.names, view, room);
    }

    /** The ends that a lit group lights up: its own, and those at the other ends of its links. */
    touched() {
      if (!this.lit.size) return null;
      const { layout } = this;
      const own = new Set();
      for (const group of this.lit) own.add(layout.nodes[layout.nodeOf[group]]);
      const is = ({ ends, groups }) => ends.some((end) => own.has(end)) || groups.some((group) => this.lit.has(group));
      return new Set([...own, ...this.lines.filter(is).flatMap(({ ends }) => ends)]);
    }

    /** Areas, the fainter the wider they are: the same mass on more ground. */
    paintAreas(context) {
      const { layout, lit } = this;
      // Of many areas on one spot each is fainter still.
      const among = Math.min(1, Math.sqrt(120 / layout.areas.length));
      for (const { group, path, role, uncertainty } of layout.areas) {
        const faint = Math.sqrt(25000 / Math.max(uncertainty, 2500));
        context.globalAlpha = Math.min(0.2, Math.max(0.035, 0.15 * faint)) * among + (lit.has(group) ? 0.1 : 0);
        context.fillStyle = ROLES[role].colour;
        context.fill(path, "evenodd");
      }
      // Where edges would cover the ground, the fill must do.
      const bare = layout.dense && this.selection.mode === "areas";
      if (!bare && among < 1) this.paintManyEdges(context);
      for (const area of layout.areas) {
        const own = lit.has(area.group);
        if (own || (!bare && among === 1)) this.paintEdge(context, area, own);
      }
      context.setLineDash([]);
      context.globalAlpha = 1;
    }

    paintEdge(context, { path, role, own }, lit) {
      context.globalAlpha = lit ? 0.95 : 0.6;
      context.strokeStyle = ROLES[role].colour;
      context.lineWidth = lit ? 2 : 1.2;
      context.setLineDash(own && !lit ? [5, 4] : []);
      context.stroke(path);
    }

    /** The edges of many areas: thin, all of a role in one stroke, which takes a tenth of the time of one by one. */
    paintManyEdges(context) {
      const { areas } = this.layout;
      context.globalAlpha = 0.6 * Math.sqrt(120 / areas.length);
      context.lineWidth = 1 / context.getTransform().a;
      for (const role of Object.keys(ROLES)) {
        const edges = new Path2D();
        for (const area of areas) if (area.role === role) edges.addPath(area.path);
        context.strokeStyle = ROLES[role].colour;
        context.stroke(edges);
      }
    }

    /** Areas that are too small to be seen as such. */
    paintDots(context) {
      for (const { role, x, y, count } of this.layout.dots) {
        context.globalAlpha = Math.min(1, 0.45 + 0.1 * Math.log2(count));
        context.fillStyle = ROLES[role].colour;
        context.fillRect(x, y, 2.5, 2.5);
      }
      context.globalAlpha = 1;
    }

    paintSymbol(context, { role, x, y, radius: r, around, count }, lit) {
      const { colour } = ROLES[role];
      const shape = new Path2D();
      if (role === "target") {
        const half = count === 1 ? r - 1 : r - 0.5;
        shape.roundRect(x - half, y - half, 2 * half, 2 * half, 2.5);
      } else if (role === "launch") {
        const tall = count === 1 ? r * 1.1 : r * 1.3;
        shape.moveTo(x, y - tall);
        shape.lineTo(x + tall * 0.95, y + tall * 0.7);
        shape.lineTo(x - tall * 0.95, y + tall * 0.7);
        shape.closePath();
      } else {
        shape.arc(x, y, around ? r : r - 1, 0, 7);
      }
      context.strokeStyle = PALETTE.edge;
      context.lineWidth = lit ? 7 : 4.5;
      context.stroke(shape);
      if (role === "impact") {
        if (!around) {
          context.fillStyle = PALETTE.edge;
          context.fill(shape);
        }
        context.strokeStyle = colour;
        context.lineWidth = 2.4;
        context.stroke(shape);
        if (count === 1 && !around) {
          const cross = new Path2D();
          cross.moveTo(x - 2.2, y - 2.2);
          cross.lineTo(x + 2.2, y + 2.2);
          cross.moveTo(x + 2.2, y - 2.2);
          cross.lineTo(x - 2.2, y + 2.2);
          context.lineWidth = 1.8;
          context.stroke(cross);
        }
      } else {
        context.fillStyle = colour;
        context.fill(shape);
      }
      if (count > 1 && !around) {
        const text = brief(count);
        const size = r > 14.5 ? 11 : text.length > 3 ? 8 : count > 99 ? 9 : 11;
        context.font = `700 ${size}px ${FONT}`;
        context.textAlign = "center";
        context.textBaseline = "middle";
        context.fillStyle = role === "impact" ? colour : ROLES[role].figure;
        context.fillText(text, x, y + (role === "launch" ? 2.5 : 0.5));
      }
    }

    /** The groups under a point of the container: symbols before names before areas. */
    under(containerPoint) {
      const { layout } = this;
      if (!layout) return [];
      const { x, y } = this.sheet.toCanvas(containerPoint);
      const near = layout.nodes.filter((node) => Math.hypot(node.x - x, node.y - y) < node.radius + 4);
      if (near.length) return near.flatMap((node) => this.objects(layout.groupsOf(node)));
      const label = this.written.find((one) => Math.abs(one.x - x) < one.width / 2 && Math.abs(one.y - y) < 10);
      if (label) return this.objects(label.members ?? layout.groupsOf(label.node));
      const context = this.sheet.canvas.getContext("2d");
      const density = this.sheet.canvas.width / this.sheet.view.size.x;
      const inside = (area) =>
        Math.hypot(area.x - x, area.y - y) < 3 * area.radius + 4 && context.isPointInPath(area.path, x * density, y * density, "evenodd");
      return this.objects(layout.areas.filter(inside).map(({ group }) => group).reverse());
    }

    /** Where to look more closely at groups that are too many to list; null where they can be listed or stay together. */
    closer(groups, map) {
      const incidents = groups.reduce((sum, { key }) => sum + this.groups.shown[key], 0);
      if (groups.length < 2 || (groups.length <= MOST_PLACES && incidents <= MOST_INCIDENTS)) return null;
      const scale = map.options.crs.scale(0);
      const bounds = L.latLngBounds(groups.map(({ x, y }) => map.options.crs.pointToLatLng(L.point(x * scale, y * scale), 0)));
      return map.getBoundsZoom(bounds) > map.getZoom() + 0.5 && map.getZoom() < map.getMaxZoom() ? bounds : null;
    }

    objects(numbers) {
      return numbers.map((number) => this.groups.get(number));
    }

    /** The incidents shown that have a mark or an area in the map's view, in order. */
    inView(map) {
      const bounds = map.getBounds();
      const [left, right] = [mercatorX(bounds.getWest()), mercatorX(bounds.getEast())];
      const [top, bottom] = [mercatorY(bounds.getNorth()), mercatorY(bounds.getSouth())];
      const { x, y, shown, count, pairs } = this.groups;
      const inside = new Uint8Array(count);
      for (let group = 0; group < count; group++) {
        inside[group] = shown[group] && x[group] >= left && x[group] <= right && y[group] >= top && y[group] <= bottom ? 1 : 0;
      }
      const { refusals, length } = this.selection;
      const found = new Int32Array(length);
      let size = 0;
      for (let incident = 0; incident < length; incident++) {
        if (refusals[incident] !== 0) continue;
        let any = 0;
        for (let i = pairs.starts[incident]; i < pairs.starts[incident + 1]; i++) any |= inside[pairs.groups[i]];
        if (any) found[size++] = incident;
      }
      return found.subarray(0, size);
    }

    /** Light up the marks of an incident that are shown; null for none. */
    focus(incident) {
      const { pairs, shown } = this.groups;
      const own = incident === null ? [] : pairs.groups.subarray(pairs.starts[incident], pairs.starts[incident + 1]);
      this.light(Array.from(own).filter((group) => shown[group]));
    }

    /** Light up some groups and the links that touch them. */
    hover(groups) {
      this.light(groups.map(({ key }) => key));
    }

    light(numbers) {
      if (numbers.length === this.lit.size && numbers.every((number) => this.lit.has(number))) return;
      this.lit = new Set(numbers);
      this.sheet.repaint();
    }
  }

  geoinc.Marks = Marks;
})();
