/*
 * Names and counts beside symbols, in areas, and on the ground, where there is room for them.
 */
(() => {
  "use strict";

  const { MARGIN, PALETTE, ROLES, plural } = geoinc;

  const FONT = '"Noto Sans", "Segoe UI", system-ui, Roboto, "Liberation Sans", Arial, sans-serif';
  const MOST_LABELS = 250;
  /** Where symbols stand for many places each, fewer names can be read. */
  const MOST_DENSE = 40;
  /** Areas beyond this many have no count of their own. */
  const MOST_PILLS = 150;
  const MOST_PILLS_DENSE = 30;
  /** Boxes are kept by cells of this many pixels. */
  const CELL = 64;

  /** Boxes of labels and symbols that are already taken, in a view of which a part is seen. */
  class Room {
    constructor(view) {
      this.cells = new Map();
      this.width = view.size.x;
      this.edge = (MARGIN / (1 + 2 * MARGIN)) * view.size.x + 4;
    }

    /** Whether a box is cut by the edge of what is seen. */
    cut(left, right) {
      const [from, to] = [this.edge, this.width - this.edge];
      return (left < from && right > from) || (left < to && right > to);
    }

    add(box) {
      for (let line = Math.floor(box[1] / CELL); line <= Math.floor(box[3] / CELL); line++) {
        for (let column = Math.floor(box[0] / CELL); column <= Math.floor(box[2] / CELL); column++) {
          const cell = line * 10000 + column;
          if (!this.cells.has(cell)) this.cells.set(cell, []);
          this.cells.get(cell).push(box);
        }
      }
    }

    taken([left, top, right, bottom]) {
      for (let line = Math.floor(top / CELL); line <= Math.floor(bottom / CELL); line++) {
        for (let column = Math.floor(left / CELL); column <= Math.floor(right / CELL); column++) {
          const boxes = this.cells.get(line * 10000 + column);
          if (boxes?.some((box) => left < box[2] && right > box[0] && top < box[3] && bottom > box[1])) return true;
        }
      }
      return false;
    }

    take(x, y, width, height) {
      this.add([x - width / 2, y - height / 2, x + width / 2, y + height / 2]);
    }

    /** Take the first free of some centres that fit, and return it. */
    find(centres, width, height, fits = () => true) {
      for (const [x, y] of centres) {
        const box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
        if (this.cut(box[0], box[2]) || this.taken(box) || !fits(x, y)) continue;
        this.add(box);
        return [x, y];
      }
      return null;
    }
  }

  const shorten = (text, most) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);

  /** A count as short as a symbol can hold: 999, 1.2k, 15k, 2M. */
  function brief(count) {
    if (count < 1000) return String(count);
    const [size, letter] = count < 999500 ? [count / 1000, "k"] : [count / 1e6, "M"];
    return `${size < 9.95 ? size.toFixed(1).replace(/\.0$/, "") : Math.round(size)}${letter}`;
  }

  /** Names of symbols beside them where there is room, and counts in areas always. */
  function labels(context, layout, room) {
    const { groups, view } = layout;
    const found = [];
    const most = view.size.x < 800 ? 20 : 32;
    const limit = layout.dense ? MOST_DENSE : MOST_LABELS;
    const rank = { target: 2, impact: 1, launch: 0 };
    const nodes = layout.nodes.filter((node) => !node.around);
    nodes.sort((a, b) => rank[b.role] - rank[a.role] || b.count - a.count);
    const name = (node) => {
      const text = shorten(groups.name(node.top), most) + (node.places > 1 ? ` +${plural(node.places - 1, "place")}` : "");
      const width = context.measureText(text).width + 6;
      const { x, y, reach } = node.ring ?? node;
      const beside = reach + width / 2 + 2;
      const around = [[beside, 0], [-beside, 0], [0, -reach - 9], [0, reach + 9], [beside - 4, 13], [beside - 4, -13], [4 - beside, 13], [4 - beside, -13]];
      const place = room.find(around.map(([dx, dy]) => [x + dx, y + dy]), width, 15);
      if (place) found.push({ role: node.role, node, text, x: place[0], y: place[1], width });
    };
    context.font = `600 12px ${FONT}`;
    nodes.filter((node) => node.role === "target").slice(0, limit).forEach(name);
    context.font = `500 12px ${FONT}`;
    pills(context, layout, room, most, found);
    context.font = `600 12px ${FONT}`;
    const others = (view.zoom >= 8 && !layout.dense) || !groups.selection.roles.has("target");
    if (others) nodes.filter((node) => node.role !== "target").slice(0, limit).forEach(name);
    return found;
  }

  /** The count of each area, inside it; small areas side by side share one. */
  function pills(context, layout, room, most, labels) {
    const { groups } = layout;
    const pills = [];
    const own = layout.areas.filter((area) => area.own).sort((a, b) => groups.shown[b.group] - groups.shown[a.group]);
    // The largest first, as they are drawn, where there are few enough.
    const few = own.length <= MOST_PILLS && !layout.dense;
    for (const area of few ? layout.areas.filter((one) => one.own) : own.slice(0, layout.dense ? MOST_PILLS_DENSE : MOST_PILLS)) {
      const { group, role, x, y, small } = area;
      const near = (pill) => small && pill.small && pill.role === role && Math.hypot(pill.x - x, pill.y - y) < 55;
      const pill = pills.find(near);
      if (pill) pill.members.push(group);
      else pills.push({ role, members: [group], pill: true, x, y, small, path: area.path });
    }
    const density = context.getTransform().a;
    context.font = `500 12px ${FONT}`;
    for (const pill of pills) {
      const { members, x, y, path } = pill;
      const count = String(groups.together(members));
      const only = groups.name(members[0]);
      const forms = members.length > 1 ? [plural(members.length, "area")] : [shorten(only, most), shorten(only, 12)];
      const around = [0, 22, -22, 44, -44].flatMap((down) => [0, 45, -45, 90, -90].map((right) => [x + right, y + down]));
      const inside = (px, py) => context.isPointInPath(path, px * density, py * density, "evenodd");
      const beside = (px, py) => Math.hypot(px - x, py - y) < 70;
      const attempts = [...forms.map((form) => [`${count} · ${form}`, inside]), [count, inside], [count, beside]];
      for (const [text, fits] of attempts) {
        const width = context.measureText(text).width + 18;
        const place = room.find(around, width, 20, fits);
        Object.assign(pill, { text, width, placed: Boolean(place) }, place && { x: place[0], y: place[1] });
        if (place) break;
      }
      // Among many areas a count that covers another says nothing.
      if (pill.placed || own.length <= MOST_PILLS / 3) labels.push(pill);
    }
  }

  function paintLabel(context, { role, text, x, y, width, pill }) {
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

  /** Names of countries and provinces that find room where nothing that is reported stands. */
  function groundNames(context, names, view, room) {
    const found = [];
    for (const { name, rank, room: space, x, y } of names) {
      const country = rank === 0;
      if ((country && view.zoom > 10) || (!country && view.zoom < 7.5)) continue;
      const [px, py] = [view.x(x), view.y(y)];
      const text = country ? name.toUpperCase() : name;
      letter(context, country);
      const width = context.measureText(text).width + 6;
      const fits = width < space * view.scale * 4;
      const place = fits && room.find([0, 18, -18, 36, -36].map((shift) => [px, py + shift]), width, 16);
      if (place) found.push({ text, country, x: place[0], y: place[1] });
    }
    context.letterSpacing = "0px";
    return found;
  }

  /** Letters of a country are larger and wider apart. */
  function letter(context, country) {
    context.font = `600 ${country ? 12.5 : 11}px ${FONT}`;
    context.letterSpacing = country ? "3px" : "0.5px";
  }

  function paintNames(context, names) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = PALETTE.name;
    for (const { text, country, x, y } of names) {
      letter(context, country);
      context.fillText(text, x, y);
    }
    context.letterSpacing = "0px";
  }

  Object.assign(geoinc, { FONT, Room, brief, labels, groundNames, paintLabel, paintNames });
})();
