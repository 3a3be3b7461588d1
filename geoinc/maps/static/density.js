/*
 * Where incidents were, as a surface for each role that is shown: the mass of
 * each incident, one in all, is spread over the area it is known to lie in.
 */
(() => {
  "use strict";

  const { ROLES, ROLE_NAMES } = geoinc;

  /** Side of a cell of the surface, in pixels. */
  const CELL = 4;
  /** What is known better than this, in pixels, is smoothed as far, so that it can be seen. */
  const SMOOTH = 14;
  /** The surface of targets lies over that of impacts, and both over that of launches, as their marks do. */
  const ORDER = ["launch", "impact", "target"];

  class Density {
    constructor(groups) {
      this.groups = groups;
      this.refresh();
    }

    /** Take in how much mass each place has: the weights of its rows that are shown. */
    refresh() {
      const { groups } = this;
      const { selection, weight, rows, rowGroup, rowIncident } = groups;
      this.mass = new Float64Array(groups.count);
      if (selection.mode !== "density") return;
      for (let i = 0; i < rows.length; i++) {
        if (!groups.shown[rowGroup[i]] || !selection.has(rowIncident[i])) continue;
        const own = weight[rows[i]];
        this.mass[rowGroup[i]] += (Number.isNaN(own) ? 1 : own) * groups.worth(rowIncident[i]);
      }
    }

    /** Incidents of a role for each cell of a view; null where none is shown. */
    surface(view, role) {
      const { groups, mass } = this;
      const [width, height] = [Math.ceil(view.size.x / CELL), Math.ceil(view.size.y / CELL)];
      const cells = new Float32Array(width * height);
      const points = new Float32Array(width * height);
      let any = false;
      for (let group = 0; group < groups.count; group++) {
        if (!mass[group] || ROLE_NAMES[groups.role[group]] !== role) continue;
        any = true;
        const radius = groups.radius[group] * view.scale;
        const [x, y] = [view.x(groups.x[group]), view.y(groups.y[group])];
        if (radius <= SMOOTH) {
          const [column, line] = [Math.floor(x / CELL), Math.floor(y / CELL)];
          if (column >= 0 && line >= 0 && column < width && line < height) points[line * width + column] += mass[group];
        } else if (x > -radius && y > -radius && x < view.size.x + radius && y < view.size.y + radius) {
          spread(cells, width, height, this.lines(group, view), mass[group]);
        }
      }
      if (!any) return null;
      smooth(points, width, height, SMOOTH / CELL / 1.5);
      for (let i = 0; i < cells.length; i++) cells[i] += points[i];
      return { role, cells, width, height };
    }

    /** The outline of a group in cells. */
    lines(group, view) {
      const { groups } = this;
      const place = groups.place[group];
      if (!groups.shapes.isCircle(place)) {
        return groups.shapes.rings(place).map((ring) => ring.map((position, i) => (i % 2 ? view.y(position) : view.x(position)) / CELL));
      }
      const [x, y, radius] = [view.x(groups.x[group]), view.y(groups.y[group]), groups.radius[group] * view.scale];
      const ring = new Float64Array(96);
      for (let i = 0; i < 48; i++) {
        ring[2 * i] = (x + radius * Math.cos((i * Math.PI) / 24)) / CELL;
        ring[2 * i + 1] = (y + radius * Math.sin((i * Math.PI) / 24)) / CELL;
      }
      return [ring];
    }

    /** Paint the surfaces, each in its role's colour; the darkest cell of all that is in view has the full colour. */
    paint(context, view) {
      const surfaces = ORDER.map((role) => this.surface(view, role)).filter(Boolean);
      let most = 0;
      for (const { cells } of surfaces) for (let i = 0; i < cells.length; i++) most = Math.max(most, cells[i]);
      if (most) for (const surface of surfaces) paintSurface(context, surface, most);
    }
  }

  function paintSurface(context, { role, cells, width, height }, most) {
    const small = document.createElement("canvas");
    [small.width, small.height] = [width, height];
    const ink = small.getContext("2d");
    const image = ink.createImageData(width, height);
    const { data } = image;
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(ROLES[role].colour.slice(at, at + 2), 16));
    for (let i = 0; i < cells.length; i++) {
      const share = Math.sqrt(cells[i] / most);
      if (share < 0.04) continue;
      data[4 * i] = red;
      data[4 * i + 1] = green;
      data[4 * i + 2] = blue;
      data[4 * i + 3] = 225 * share;
    }
    ink.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = true;
    context.drawImage(small, 0, 0, width * CELL, height * CELL);
  }

  /** Spread a mass evenly over the cells inside some rings; what is out of view keeps its share. */
  function spread(cells, width, height, rings, mass) {
    let [top, bottom] = [Infinity, -Infinity];
    let twice = 0;
    for (const ring of rings) {
      let area = 0;
      for (let i = 0; i < ring.length; i += 2) {
        const [nextX, nextY] = [ring[(i + 2) % ring.length], ring[(i + 3) % ring.length]];
        area += ring[i] * nextY - nextX * ring[i + 1];
        top = Math.min(top, ring[i + 1]);
        bottom = Math.max(bottom, ring[i + 1]);
      }
      twice += area;
    }
    const each = mass / Math.max(1, Math.abs(twice) / 2);
    for (let line = Math.max(0, Math.ceil(top - 0.5)); line <= Math.min(height - 1, Math.floor(bottom - 0.5)); line++) {
      const middle = line + 0.5;
      const cuts = [];
      for (const ring of rings) {
        for (let i = 0; i < ring.length; i += 2) {
          const [x, y, nextX, nextY] = [ring[i], ring[i + 1], ring[(i + 2) % ring.length], ring[(i + 3) % ring.length]];
          if (y <= middle !== nextY <= middle) cuts.push(x + ((middle - y) / (nextY - y)) * (nextX - x));
        }
      }
      cuts.sort((a, b) => a - b);
      for (let i = 0; i + 1 < cuts.length; i += 2) {
        const [from, to] = [Math.max(0, Math.ceil(cuts[i] - 0.5)), Math.min(width - 1, Math.floor(cuts[i + 1] - 0.5))];
        for (let column = from; column <= to; column++) cells[line * width + column] += each;
      }
    }
  }

  /** Smooth by a bell of so many cells (standard deviation), in both directions. */
  function smooth(cells, width, height, deviation) {
    const reach = Math.ceil(3 * deviation);
    const bell = Float32Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)));
    const whole = bell.reduce((a, b) => a + b, 0);
    const row = new Float32Array(Math.max(width, height) + 2 * reach);
    const along = (start, step, length) => {
      let any = 0;
      row.fill(0);
      for (let i = 0; i < length; i++) any += row[i + reach] = cells[start + i * step];
      if (!any) return;
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let k = 0; k <= 2 * reach; k++) sum += row[i + k] * bell[k];
        cells[start + i * step] = sum / whole;
      }
    };
    for (let line = 0; line < height; line++) along(line * width, 1, width);
    for (let column = 0; column < width; column++) along(column, width, height);
  }

  geoinc.Density = Density;
})();
