/*
 * What is drawn: a basemap like paper, and above it areas, links, symbols and
 * their names, on two canvases that Leaflet moves and zooms.
 *
 * Positions are Web Mercator, 0..1 across the world; `View` turns them into
 * pixels of a canvas.
 */
(() => {
  "use strict";

  const { PALETTE, ROLES, plural } = geoinc;
  const FONT = '"Noto Sans", "Segoe UI", system-ui, Roboto, "Liberation Sans", Arial, sans-serif';
  /** Part of the map's size that a canvas reaches beyond each edge, so that dragging shows no blank. */
  const MARGIN = 0.3;
  /** Links shorter than this many pixels are drawn as a ring around both ends. */
  const SHORT_LINK = 25;
  /** How far the control point of a link stands off, as part of its length. */
  const BULGE = 0.32;
  const MOST_LABELS = 250;

  const mercatorX = (longitude) => longitude / 360 + 0.5;
  function mercatorY(latitude) {
    const sine = Math.sin((latitude * Math.PI) / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  }

  /** A ring or line, written as steps of whole units, as Mercator positions. */
  function unfold(steps, unit) {
    const points = new Float64Array(steps.length);
    for (let i = 0, longitude = 0, latitude = 0; i < steps.length; i += 2) {
      points[i] = mercatorX((longitude += steps[i]) / unit);
      points[i + 1] = mercatorY((latitude += steps[i + 1]) / unit);
    }
    return points;
  }

  /** The rings of each place that is drawn, in Mercator positions. */
  function unfolded({ outlines, places }) {
    const { rings, points, steps, unit } = outlines;
    const shapes = [];
    let [ring, step] = [0, 0];
    for (let place = 0; place < rings.length; place++) {
      const lines = [];
      for (let i = 0; i < rings[place]; i++) {
        const next = step + 2 * points[ring++];
        lines.push(unfold(steps.subarray(step, next), unit));
        step = next;
      }
      shapes.push(lines.length ? lines : [circle(places, place)]);
    }
    return shapes;
  }

  /** A circle on the ground around the centre of a place, small enough to be one on the map. */
  function circle(places, place) {
    const [x, y] = [mercatorX(places.get("longitude", place)), mercatorY(places.get("latitude", place))];
    const radius = (places.get("uncertainty_m", place) / 40075016.7) * Math.cosh(Math.PI * (1 - 2 * y));
    const line = new Float64Array(128);
    for (let i = 0; i < 64; i++) {
      line[2 * i] = x + radius * Math.cos((i * Math.PI) / 32);
      line[2 * i + 1] = y + radius * Math.sin((i * Math.PI) / 32);
    }
    return line;
  }

  /** Where a canvas lies in the world at one zoom: positions to pixels. */
  class View {
    constructor(map, topLeft, size) {
      const origin = map.getPixelOrigin();
      this.zoom = map.getZoom();
      this.scale = map.options.crs.scale(this.zoom);
      this.left = origin.x + topLeft.x;
      this.top = origin.y + topLeft.y;
      this.size = size;
    }

    x(position) {
      return position * this.scale - this.left;
    }

    y(position) {
      return position * this.scale - this.top;
    }

    /** A path through rings or lines. */
    path(lines, close = true) {
      const path = new Path2D();
      for (const line of lines) {
        for (let i = 0; i < line.length; i += 2) {
          path[i ? "lineTo" : "moveTo"](this.x(line[i]), this.y(line[i + 1]));
        }
        if (close) path.closePath();
      }
      return path;
    }
  }

  /** A canvas over the whole map; `paint(context, view)` fills it whenever the map has moved. */
  const Sheet = L.Layer.extend({
    initialize(name, level, paint) {
      Object.assign(this, { name, level, paint });
      geoinc.onRecolour(() => this._map && this.redraw());
    },

    onAdd(map) {
      const pane = map.getPane(this.name) ?? map.createPane(this.name);
      pane.style.zIndex = this.level;
      pane.style.pointerEvents = "none";
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated", pane);
      this.canvas.setAttribute("aria-hidden", "true");
      this.redraw();
    },

    onRemove() {
      this.canvas.remove();
    },

    getEvents() {
      return {
        moveend: this.redraw,
        resize: this.redraw,
        zoom: () => this.follow(this._map.getCenter(), this._map.getZoom()),
        zoomanim: (event) => this.follow(event.center, event.zoom),
      };
    },

    redraw() {
      const map = this._map;
      const margin = map.getSize().multiplyBy(MARGIN).round();
      const size = map.getSize().add(margin.multiplyBy(2));
      const density = Math.min(window.devicePixelRatio || 1, 2);
      this.topLeft = map.containerPointToLayerPoint(margin.multiplyBy(-1)).round();
      this.corner = map.layerPointToLatLng(this.topLeft);
      this.canvas.width = size.x * density;
      this.canvas.height = size.y * density;
      this.canvas.style.width = `${size.x}px`;
      this.canvas.style.height = `${size.y}px`;
      L.DomUtil.setTransform(this.canvas, this.topLeft, 1);
      this.view = new View(map, this.topLeft, size);
      const context = this.canvas.getContext("2d");
      context.scale(density, density);
      context.lineJoin = "round";
      this.paint(context, this.view);
    },

    /** Keep to the ground while the map zooms; `redraw` follows when it rests. */
    follow(center, zoom) {
      const map = this._map;
      const offset = map.project(this.corner, zoom).subtract(map.project(center, zoom));
      const place = offset.add(map.getSize().divideBy(2)).subtract(L.DomUtil.getPosition(map.getPane("mapPane")));
      L.DomUtil.setTransform(this.canvas, place, map.getZoomScale(zoom, this.view.zoom));
    },

    /** A place of the map's container in pixels of the canvas. */
    toCanvas(containerPoint) {
      return this._map.containerPointToLayerPoint(containerPoint).subtract(this.topLeft);
    },
  });

  /** Countries and provinces as paper: nothing on it is darker than what is reported. */
  function basemap(data) {
    const unit = data.unit;
    const land = data.land.map(({ shown, rings }) => ({ shown, rings: rings.map((ring) => unfold(ring, unit)) }));
    const [borders, provinces] = [data.borders, data.provinces].map((lines) => lines.map((line) => unfold(line, unit)));
    return new Sheet("geoincPaper", 150, (context, view) => {
      for (const country of land) {
        context.fillStyle = country.shown ? PALETTE.land : PALETTE.neighbour;
        context.fill(view.path(country.rings), "evenodd");
      }
      context.strokeStyle = PALETTE.province;
      context.lineWidth = view.zoom < 7 ? 0.7 : 1;
      if (view.zoom >= 4.5) context.stroke(view.path(provinces, false));
      context.strokeStyle = PALETTE.border;
      context.lineWidth = 1;
      context.stroke(view.path(borders, false));
    });
  }

  /** Boxes of labels and symbols that are already taken, in a view of which a part is seen. */
  class Room {
    constructor(view) {
      this.boxes = [];
      this.width = view.size.x;
      this.edge = (MARGIN / (1 + 2 * MARGIN)) * view.size.x + 4;
    }

    /** Whether a box is cut by the edge of what is seen. */
    cut(left, right) {
      const [from, to] = [this.edge, this.width - this.edge];
      return (left < from && right > from) || (left < to && right > to);
    }

    take(x, y, width, height) {
      this.boxes.push([x - width / 2, y - height / 2, x + width / 2, y + height / 2]);
    }

    /** Take the first free of some centres, and return it. */
    find(centres, width, height) {
      for (const [x, y] of centres) {
        const [left, top, right, bottom] = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
        if (this.cut(left, right)) continue;
        if (this.boxes.some((box) => left < box[2] && right > box[0] && top < box[3] && bottom > box[1])) continue;
        this.boxes.push([left, top, right, bottom]);
        return [x, y];
      }
      return null;
    }
  }

  const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);

  /** The marks of the incidents, and what lies under a point of the map. */
  class Marks {
    constructor(data, selection) {
      this.data = data;
      this.selection = selection;
      selection.onChange(() => this.sheet.redraw());
      this.hovered = null;
      this.groups = this.gather();
      this.links = this.join();
      this.names = data.basemap.names.map(([name, rank, longitude, latitude, room]) => ({
        name, rank, room: room / 360, x: mercatorX(longitude), y: mercatorY(latitude),
      }));
      this.sheet = new Sheet("geoincMarks", 450, (context, view) => this.paint(context, view));
    }

    /** One group for each place in each role: the incidents that are told of it. */
    gather() {
      const { rows, places, accounts } = this.data;
      const shapes = unfolded(this.data);
      const groups = new Map();
      for (let row = 0; row < rows.length; row++) {
        const place = rows.get("drawn", row);
        if (place === undefined) continue;
        const role = rows.get("role", row);
        const key = `${role} ${place}`;
        if (!groups.has(key)) {
          groups.set(key, {
            key, role, place,
            incidents: new Set(),
            name: places.get("name", place) ?? "",
            area: places.get("area", place) === 1,
            uncertainty: places.get("uncertainty_m", place),
            x: mercatorX(places.get("longitude", place)),
            y: mercatorY(places.get("latitude", place)),
            rings: shapes[place] ?? [],
          });
        }
        groups.get(key).incidents.add(accounts.get("incident", rows.get("account", row)));
      }
      return groups;
    }

    /** One link for each pair of launch and target places, with its incidents. */
    join() {
      const { rows, links } = this.data;
      const joined = new Map();
      for (let row = 0; row < links.length; row++) {
        const [from, to] = ["launch", "target"].map((role) => {
          const place = rows.get("drawn", links.get(`${role}_row`, row));
          return this.groups.get(`${role} ${place}`);
        });
        if (!from || !to) continue;
        const key = `${from.key} ${to.key}`;
        if (!joined.has(key)) joined.set(key, { from, to, incidents: new Set() });
        joined.get(key).incidents.add(links.get("incident", row));
      }
      return [...joined.values()];
    }

    /** Symbols that would cover each other become one with the sum of their incidents. */
    nodes(view) {
      const radius = (n) => (n === 1 ? 7 : 10 + Math.min(4, Math.log2(n) * 0.8));
      const cells = new Map();
      const nodes = [];
      const points = [...this.groups.values()].filter((group) => !group.area && this.selection.roles.has(group.role));
      points.sort((a, b) => b.incidents.size - a.incidents.size);
      for (const group of points) {
        const [x, y] = [view.x(group.x), view.y(group.y)];
        if (x < -20 || y < -20 || x > view.size.x + 20 || y > view.size.y + 20) continue;
        const [column, line] = [Math.floor(x / 24), Math.floor(y / 24)];
        let node;
        for (let i = -1; i <= 1 && !node; i++) {
          for (let j = -1; j <= 1 && !node; j++) {
            node = cells.get(`${group.role} ${column + i} ${line + j}`)?.find((other) => Math.hypot(other.x - x, other.y - y) < other.radius + 5);
          }
        }
        if (!node) {
          node = { role: group.role, x, y, groups: [], incidents: new Set() };
          const cell = `${group.role} ${column} ${line}`;
          if (!cells.has(cell)) cells.set(cell, []);
          cells.get(cell).push(node);
          nodes.push(node);
        }
        node.groups.push(group);
        for (const incident of group.incidents) node.incidents.add(incident);
        node.radius = node.reach = radius(node.incidents.size);
      }
      // An impact on the very target is a ring around its square.
      for (const node of nodes) {
        if (node.role !== "impact") continue;
        const target = nodes.find((other) => other.role === "target" && Math.hypot(other.x - node.x, other.y - node.y) < 6);
        if (!target) continue;
        target.reach = target.radius + 7;
        Object.assign(node, { around: target, x: target.x, y: target.y, radius: target.radius + 4.5 });
      }
      return nodes;
    }

    paint(context, view) {
      const room = new Room(view);
      this.drawnNodes = this.nodes(view);
      this.drawnAreas = this.areas(view);
      const nodeOf = new Map();
      for (const node of this.drawnNodes) {
        for (const group of node.groups) nodeOf.set(group.key, node);
        room.take(node.x, node.y, node.radius * 2, node.radius * 2);
      }
      const links = this.lines(view, nodeOf);
      for (const { ring, ends } of links) {
        if (!ring) continue;
        room.take(ring.x, ring.y, ring.radius * 1.7, ring.radius * 1.7);
        for (const end of ends) end.ring = ring;
      }
      const labels = this.labels(context, view, room);
      this.paintNames(context, view, room);
      for (const area of this.drawnAreas) this.paintArea(context, area);
      for (const link of links) this.paintLink(context, link);
      for (const label of labels) if (label.pill) this.paintLabel(context, label);
      for (const role of ["launch", "impact", "target"]) {
        for (const node of this.drawnNodes) if (node.role === role) this.paintSymbol(context, node);
      }
      for (const label of labels) if (!label.pill) this.paintLabel(context, label);
      this.drawnLabels = labels;
    }

    /** Footprints that can be seen, the largest first. */
    areas(view) {
      const areas = [];
      for (const group of this.groups.values()) {
        if (!this.selection.roles.has(group.role)) continue;
        const metresPerPixel = 40075016.7 / view.scale / Math.cosh(Math.PI * (1 - 2 * group.y));
        const radius = group.uncertainty / metresPerPixel;
        if (!group.area && radius < 9) continue;
        areas.push({ group, x: view.x(group.x), y: view.y(group.y), path: view.path(group.rings), small: radius < 45 });
      }
      return areas.sort((a, b) => b.group.uncertainty - a.group.uncertainty);
    }

    paintArea(context, { group, path }) {
      const { colour } = ROLES[group.role];
      const faint = Math.sqrt(25000 / Math.max(group.uncertainty, 2500));
      const lit = this.hovered?.has(group.key);
      context.globalAlpha = Math.min(0.2, Math.max(0.035, 0.15 * faint)) + (lit ? 0.1 : 0);
      context.fillStyle = colour;
      context.fill(path, "evenodd");
      context.globalAlpha = lit ? 0.95 : 0.6;
      context.strokeStyle = colour;
      context.lineWidth = lit ? 2 : 1.2;
      context.setLineDash(group.area ? [5, 4] : []);
      context.stroke(path);
      context.setLineDash([]);
      context.globalAlpha = 1;
    }

    /** Where the links run: between symbols or areas, or a ring where both ends are close. */
    lines(view, nodeOf) {
      if (!this.selection.roles.has("launch") || !this.selection.roles.has("target")) return [];
      const ends = new Map();
      const end = (group) => {
        const key = nodeOf.get(group.key) ?? group;
        if (!ends.has(key)) ends.set(key, key === group ? { x: view.x(group.x), y: view.y(group.y), radius: 12 } : key);
        return ends.get(key);
      };
      const lines = new Map();
      for (const { from, to, incidents } of this.links) {
        const [a, b] = [end(from), end(to)];
        if (!lines.has(a)) lines.set(a, new Map());
        if (!lines.get(a).has(b)) lines.get(a).set(b, { ends: [a, b], incidents: new Set(), coarse: true, faded: Boolean(this.hovered) });
        const line = lines.get(a).get(b);
        for (const incident of incidents) line.incidents.add(incident);
        line.coarse &&= from.area || to.area;
        line.faded &&= !this.hovered.has(from.key) && !this.hovered.has(to.key);
      }
      const all = [...lines.values()].flatMap((found) => [...found.values()]);
      for (const line of all) {
        const [a, b] = line.ends;
        const length = Math.hypot(b.x - a.x, b.y - a.y);
        line.width = 1.3 + Math.min(3, Math.log2(line.incidents.size));
        line.opacity = line.faded ? 0.2 : Math.max(0.4, Math.min(1, 150 / all.length));
        if (length < SHORT_LINK) {
          const radius = length / 2 + Math.max(a.radius, b.radius) + 3;
          line.ring = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, radius, reach: radius };
        }
      }
      return all;
    }

    /** An arc of constant bulge, ending before the symbol it points at; no flight path. */
    paintLink(context, { ends: [a, b], ring, width, coarse, opacity }) {
      context.globalAlpha = opacity;
      const line = new Path2D();
      if (ring) {
        line.arc(ring.x, ring.y, ring.radius, 0, 7);
        this.strokeCased(context, line, 1.1, coarse);
      } else {
        const [middleX, middleY] = [(a.x + b.x) / 2 + (b.y - a.y) * BULGE, (a.y + b.y) / 2 - (b.x - a.x) * BULGE];
        const points = [];
        for (let step = 0; step <= 48; step++) {
          const t = step / 48;
          const x = (1 - t) ** 2 * a.x + 2 * t * (1 - t) * middleX + t ** 2 * b.x;
          const y = (1 - t) ** 2 * a.y + 2 * t * (1 - t) * middleY + t ** 2 * b.y;
          const clear = Math.hypot(x - a.x, y - a.y) > a.radius + 2 && Math.hypot(x - b.x, y - b.y) > b.radius + 3;
          if (clear) points.push([x, y]);
        }
        if (points.length > 2) {
          points.forEach(([x, y], i) => line[i ? "lineTo" : "moveTo"](x, y));
          this.strokeCased(context, line, width, coarse);
          this.paintArrow(context, points.at(-3), points.at(-1), 6 + width);
        }
      }
      context.globalAlpha = 1;
    }

    paintArrow(context, before, tip, size) {
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

    strokeCased(context, path, width, dashed) {
      context.strokeStyle = PALETTE.halo;
      context.lineWidth = width + 2.5;
      context.stroke(path);
      context.strokeStyle = PALETTE.line;
      context.lineWidth = width;
      context.setLineDash(dashed ? [width + 4, width + 3.5] : []);
      context.stroke(path);
      context.setLineDash([]);
    }

    paintSymbol(context, node) {
      const { role, x, y, radius: r, around } = node;
      const n = node.incidents.size;
      const { colour } = ROLES[role];
      const shape = new Path2D();
      if (role === "target") {
        const half = n === 1 ? r - 1 : r - 0.5;
        shape.roundRect(x - half, y - half, 2 * half, 2 * half, 2.5);
      } else if (role === "launch") {
        const tall = n === 1 ? r * 1.1 : r * 1.3;
        shape.moveTo(x, y - tall);
        shape.lineTo(x + tall * 0.95, y + tall * 0.7);
        shape.lineTo(x - tall * 0.95, y + tall * 0.7);
        shape.closePath();
      } else {
        shape.arc(x, y, around ? r : r - 1, 0, 7);
      }
      const lit = node.groups.some((group) => this.hovered?.has(group.key));
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
        if (n === 1 && !around) {
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
      if (n > 1 && !around) {
        context.font = `700 ${n > 99 ? 9 : 11}px ${FONT}`;
        context.textAlign = "center";
        context.textBaseline = "middle";
        context.fillStyle = role === "impact" ? colour : ROLES[role].figure;
        context.fillText(String(n), x, y + (role === "launch" ? 2.5 : 0.5));
      }
    }

    /** Names of symbols beside them where there is room, and counts in areas always. */
    labels(context, view, room) {
      const labels = [];
      const most = view.size.x < 800 ? 20 : 32;
      const rank = { target: 2, impact: 1, launch: 0 };
      const nodes = this.drawnNodes.filter((node) => !node.around);
      nodes.sort((a, b) => rank[b.role] - rank[a.role] || b.incidents.size - a.incidents.size);
      const name = (node) => {
        const more = node.groups.length - 1;
        const text = shorten(node.groups[0].name, most) + (more ? ` +${plural(more, "place")}` : "");
        const width = context.measureText(text).width + 6;
        const { x, y, reach } = node.ring ?? node;
        const beside = reach + width / 2 + 2;
        const around = [[beside, 0], [-beside, 0], [0, -reach - 9], [0, reach + 9], [beside - 4, 13], [beside - 4, -13], [4 - beside, 13], [4 - beside, -13]];
        const place = room.find(around.map(([dx, dy]) => [x + dx, y + dy]), width, 15);
        if (place) labels.push({ role: node.role, groups: node.groups, text, x: place[0], y: place[1], width });
      };
      context.font = `600 12px ${FONT}`;
      nodes.filter((node) => node.role === "target").slice(0, MOST_LABELS).forEach(name);
      context.font = `500 12px ${FONT}`;
      this.pills(context, room, most, labels);
      context.font = `600 12px ${FONT}`;
      const others = view.zoom >= 8 || !this.selection.roles.has("target");
      if (others) nodes.filter((node) => node.role !== "target").slice(0, MOST_LABELS).forEach(name);
      return labels;
    }

    /** The count of each area, inside it; small areas side by side share one. */
    pills(context, room, most, labels) {
      const pills = [];
      for (const area of this.drawnAreas) {
        const { group, x, y, small } = area;
        if (!group.area) continue;
        const near = (pill) => small && pill.small && pill.role === group.role && Math.hypot(pill.x - x, pill.y - y) < 55;
        const pill = pills.find(near);
        if (pill) pill.groups.push(group);
        else pills.push({ role: group.role, groups: [group], pill: true, x, y, small, path: area.path });
      }
      const density = context.getTransform().a;
      context.font = `500 12px ${FONT}`;
      for (const pill of pills) {
        const { groups, x, y, path } = pill;
        const count = String(new Set(groups.flatMap((group) => [...group.incidents])).size);
        const forms = groups.length > 1 ? [plural(groups.length, "area")] : [shorten(groups[0].name, most), shorten(groups[0].name, 12)];
        const around = [0, 22, -22, 44, -44].flatMap((down) => [0, 45, -45, 90, -90].map((right) => [x + right, y + down]));
        const inside = around.filter(([px, py]) => context.isPointInPath(path, px * density, py * density, "evenodd"));
        const beside = around.filter(([px, py]) => Math.hypot(px - x, py - y) < 50);
        const attempts = [...forms.map((form) => [`${count} · ${form}`, inside]), [count, inside], [count, beside]];
        for (const [text, centres] of attempts) {
          const width = context.measureText(text).width + 18;
          const place = room.find(centres, width, 20);
          Object.assign(pill, { text, width }, place && { x: place[0], y: place[1] });
          if (place) break;
        }
        labels.push(pill);
      }
    }

    paintLabel(context, { role, text, x, y, width, pill }) {
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.font = `${pill ? 500 : 600} 12px ${FONT}`;
      if (pill) {
        const box = new Path2D();
        box.roundRect(x - width / 2, y - 10, width, 20, 10);
        context.fillStyle = PALETTE.halo;
        context.fill(box);
        context.strokeStyle = ROLES[role].colour;
        context.lineWidth = 1.2;
        context.setLineDash([4, 3]);
        context.stroke(box);
        context.setLineDash([]);
      } else {
        context.strokeStyle = PALETTE.halo;
        context.lineWidth = 3.5;
        context.strokeText(text, x, y);
      }
      context.fillStyle = ROLES[role].ink;
      context.fillText(text, x, y);
    }

    /** Names of countries and provinces, where nothing that is reported stands. */
    paintNames(context, view, room) {
      for (const { name, rank, room: space, x, y } of this.names) {
        const country = rank === 0;
        if ((country && view.zoom > 10) || (!country && view.zoom < 7.5)) continue;
        const [px, py] = [view.x(x), view.y(y)];
        context.font = `600 ${country ? 12.5 : 11}px ${FONT}`;
        context.letterSpacing = country ? "3px" : "0.5px";
        const text = country ? name.toUpperCase() : name;
        const width = context.measureText(text).width + 6;
        const fits = width < space * view.scale * 4;
        const place = fits && room.find([0, 18, -18, 36, -36].map((shift) => [px, py + shift]), width, 16);
        if (place) {
          context.textAlign = "center";
          context.textBaseline = "middle";
          context.fillStyle = PALETTE.name;
          context.fillText(text, place[0], place[1]);
        }
        context.letterSpacing = "0px";
      }
    }

    /** The groups under a point of the container: symbols before names before areas. */
    under(containerPoint) {
      const { x, y } = this.sheet.toCanvas(containerPoint);
      const inside = (label) => Math.abs(label.x - x) < label.width / 2 && Math.abs(label.y - y) < 10;
      const near = this.drawnNodes.filter((node) => Math.hypot(node.x - x, node.y - y) < node.radius + 4);
      if (near.length) return near.flatMap((node) => node.groups);
      const label = this.drawnLabels.find(inside);
      if (label) return label.groups;
      const context = this.sheet.canvas.getContext("2d");
      const density = this.sheet.canvas.width / this.sheet.view.size.x;
      const areas = this.drawnAreas.filter(({ path }) => context.isPointInPath(path, x * density, y * density, "evenodd"));
      return areas.map(({ group }) => group).reverse();
    }

    /** The incidents shown that have a mark or an area in the map's view, in order. */
    inView(map) {
      const bounds = map.getBounds();
      const [left, right] = [mercatorX(bounds.getWest()), mercatorX(bounds.getEast())];
      const [top, bottom] = [mercatorY(bounds.getNorth()), mercatorY(bounds.getSouth())];
      const found = new Uint8Array(this.data.incidents.length);
      for (const { role, x, y, incidents } of this.groups.values()) {
        if (!this.selection.roles.has(role) || x < left || x > right || y < top || y > bottom) continue;
        for (const incident of incidents) found[incident] = this.selection.has(incident) ? 1 : 0;
      }
      return Int32Array.from(found.keys()).filter((incident) => found[incident]);
    }

    /** Light up the marks of an incident; null for none. */
    focus(incident) {
      this.hover([...this.groups.values()].filter((group) => group.incidents.has(incident)));
    }

    /** Light up some groups and the links that touch them. */
    hover(groups) {
      const keys = groups.map((group) => group.key).sort().join();
      if (keys === (this.hoveredKeys ?? "")) return;
      this.hoveredKeys = keys;
      this.hovered = groups.length ? new Set(groups.map((group) => group.key)) : null;
      this.sheet.redraw();
    }
  }

  Object.assign(geoinc, { Sheet, unfold, Marks, basemap });
})();
