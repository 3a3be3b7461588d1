/*
 * Where incidents were, as a surface: the mass of each incident, one in all,
 * is spread over the area it is known to lie in.
 */
(() => {
  "use strict";

  const { ROLES, ROLE_NAMES } = geoinc;

  /** Side of a cell of the surface, in pixels. */
  const CELL = 4;
  /** What is known better than this, in pixels, is smoothed as far, so that it can be seen. */
  const SMOOTH = 14;

  /** One role has the surface: an incident of three roles is one incident. */
  function roleOf(selection) {
    return ["target", "impact", "launch"].find((role) => selection.roles.has(role)) ?? null;
  }

  class Density {
    constructor(groups) {
      this.groups = groups;
      this.refresh();
    }

    /** Take in how much mass each place has: the weights of its rows that are shown. */
    refresh() {
      const { groups } = this;
      const { selection, weight } = groups;
      this.role = roleOf(selection);
      const role = ROLE_NAMES.indexOf(this.role);
      this.mass = new Float64Array(groups.count);
      if (selection.mode !== "density") return;
      for (let i = 0; i < groups.rows.length; i++) {
        const group = groups.rowGroup[i];
        if (groups.role[group] !== role || !selection.has(groups.rowIncident[i])) continue;
        const own = weight[groups.rows[i]];
        this.mass[group] += (Number.isNaN(own) ? 1 : own) * groups.worth(groups.rowIncident[i]);
      }
    }

    /** Incidents for each cell of a view. */
    surface(view) {
      const { groups, mass } = this;
      const [width, height] = [Math.ceil(view.size.x / CELL), Math.ceil(view.size.y / CELL)];
      const cells = new Float32Array(width * height);
      const points = new Float32Array(width * height);
      for (let group = 0; group < groups.count; group++) {
        if (!mass[group]) continue;
        const radius = groups.radius[group] * view.scale;
        const [x, y] = [view.x(groups.x[group]), view.y(groups.y[group])];
        if (radius <= SMOOTH) {
          const [column, line] = [Math.floor(x / CELL), Math.floor(y / CELL)];
          if (column >= 0 && line >= 0 && column < width && line < height) points[line * width + column] += mass[group];
        } else if (x > -radius && y > -radius && x < view.size.x + radius && y < view.size.y + radius) {
          spread(cells, width, height, this.lines(group, view), mass[group]);
        }
      }
      smooth(points, width, height, SMOOTH / CELL / 1.5);
      for (let i = 0; i < cells.length; i++) cells[i] += points[i];
      return { cells, width, height };
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

    /** Paint the surface; the darkest cell of the view has the full colour. */
    paint(context, view) {
      if (!this.role) return;
      const { cells, width, height } = this.surface(view);
      const most = cells.reduce((a, b) => Math.max(a, b), 0);
      if (!most) return;
      const small = document.createElement("canvas");
      [small.width, small.height] = [width, height];
      const ink = small.getContext("2d");
      const image = ink.createImageData(width, height);
      const [red, green, blue] = [1, 3, 5].map((at) => parseInt(ROLES[this.role].colour.slice(at, at + 2), 16));
      for (let i = 0; i < cells.length; i++) {
        const share = Math.sqrt(cells[i] / most);
        image.data.set([red, green, blue, share < 0.04 ? 0 : 225 * share], 4 * i);
      }
      ink.putImageData(image, 0, 0);
      context.imageSmoothingEnabled = true;
      context.drawImage(small, 0, 0, width * CELL, height * CELL);
      /** The most incidents on a square kilometre in this view, for the legend. */
      const side = (CELL * view.metres((view.top + view.size.y / 2) / view.scale)) / 1000;
      this.most = most / side ** 2;
    }
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
