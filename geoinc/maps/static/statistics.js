/*
 * Statistics on the map: areas coloured by their figures, lines and points
 * with their labels, and the legend that says what the colours mean and where
 * they are not sure.
 */
(() => {
  "use strict";

  const { PALETTE, FONT, say, el, said, Sheet, unfold } = geoinc;

  const [POINT, LINE, AREA] = [0, 1, 2];
  /** More areas than this have no edges of their own. */
  const MOST_EDGES = 600;
  const MOST_LABELS = 40;

  const figure = (value) => new Intl.NumberFormat(geoinc.language, { maximumSignificantDigits: 4 }).format(value);

  /** The class of a value among the lower bounds of a scale; -1 where it has no colour. */
  function classOf(value, breaks) {
    if (value === null || value === 0 || !breaks.length) return -1;
    return Math.max(0, breaks.findLastIndex((bound) => value >= bound));
  }

  /** One statistic: its features, the largest first, and whether it is shown. */
  class Layer {
    constructor(data) {
      Object.assign(this, data);
      this.features = data.shapes.map((lines, i) => ({
        layer: this,
        kind: data.kinds[i],
        label: data.labels[i],
        value: data.values[i],
        low: data.lows[i],
        high: data.highs[i],
        class: classOf(data.values[i], data.breaks),
        unsure: data.lows[i] !== null && data.highs[i] !== null && classOf(data.lows[i], data.breaks) !== classOf(data.highs[i], data.breaks),
        lines: lines.map((line) => unfold(line, data.step)),
      }));
      this.coloured = data.breaks.length > 0;
    }

    /** "12 attacks (9–15)" */
    worded({ value, low, high }) {
      if (value === null) return "";
      const text = `${figure(value)} ${this.unit}`.trim();
      return low === null || high === null || (low === value && high === value) ? text : `${text} (${say("bounds", { low: figure(low), high: figure(high) })})`;
    }

    /** Whether a feature is drawn as a coloured area. */
    isColoured({ kind }) {
      return this.coloured && kind === AREA;
    }

    /** What the colour of a class means. */
    meaning(number) {
      const low = figure(this.breaks[number]);
      const next = this.breaks[number + 1];
      return next === undefined ? say("orMore", { low }) : say("toUnder", { low, high: figure(next) });
    }
  }

  /** The statistics of a page: `sheets` draw them, under the marks and over them; `node` is their part of the panel. */
  class Statistics {
    constructor(data, marks) {
      this.marks = marks;
      this.layers = data.map((layer) => new Layer(layer));
      // Of maps that would cover each other, one at a time.
      const first = this.layers.find((layer) => layer.coloured);
      for (const layer of this.layers) layer.shown = !layer.coloured || layer === first;
      this.sheet = new Sheet("geoincStatistics", 300, (context, view) => this.paint(context, view));
      this.names = new Sheet("geoincFigures", 460, (context) => this.paintLabels(context));
      this.node = this.layers.length ? this.legend() : null;
      if (this.node) marks.selection.onChange(() => this.names.redraw());
    }

    paint(context, view) {
      this.drawn = [];
      for (const layer of this.layers.filter(({ shown }) => shown)) {
        const edges = layer.features.length <= MOST_EDGES;
        for (const feature of layer.features) this.paintFeature(context, view, feature, edges);
      }
    }

    /** The labels of what is not coloured, where the marks of incidents and their names leave room. */
    paintLabels(context) {
      const nodes = (this.marks.layout?.nodes ?? []).map(({ x, y, radius }) => [x - radius, y - radius, x + radius, y + radius]);
      const names = (this.marks.written ?? []).map(({ x, y, width }) => [x - width / 2, y - 10, x + width / 2, y + 10]);
      const boxes = [...nodes, ...names];
      let labels = 0;
      context.font = `600 12px ${FONT}`;
      context.textBaseline = "middle";
      context.textAlign = "left";
      for (const one of this.drawn) {
        if (!one.feature.layer.isColoured(one.feature) && labels < MOST_LABELS) labels += this.paintLabel(context, one, boxes);
      }
    }

    paintFeature(context, view, feature, edges) {
      const { layer, kind, lines } = feature;
      if (layer.isColoured(feature)) {
        const path = view.path(lines);
        if (feature.class >= 0) {
          context.globalAlpha = 0.78;
          context.fillStyle = colour(feature);
          context.fill(path, "evenodd");
          context.globalAlpha = 1;
        }
        if (feature.unsure) {
          context.fillStyle = hatch(context, feature);
          context.fill(path, "evenodd");
        }
        if (edges) outline(context, path, PALETTE.edge, 0.9);
        this.drawn.push({ feature, path });
        return;
      }
      const path = kind === POINT ? diamond(view, lines) : view.path(lines, kind === AREA);
      if (kind === AREA) {
        context.globalAlpha = 0.08;
        context.fillStyle = PALETTE.statistic;
        context.fill(path, "evenodd");
        context.globalAlpha = 1;
      }
      outline(context, path, PALETTE.halo, 5);
      if (kind === POINT) {
        context.fillStyle = PALETTE.statistic;
        context.fill(path);
      } else {
        outline(context, path, PALETTE.statistic, 2.2);
      }
      this.drawn.push({ feature, path, at: anchor(view, lines, kind) });
    }

    /** The label beside a mark where there is room; 1 where it is drawn. */
    paintLabel(context, { feature, at: [x, y] }, boxes) {
      const words = [feature.label, feature.layer.worded(feature)].filter(Boolean).join(" · ");
      const text = words.length > 60 ? `${words.slice(0, 59)}…` : words;
      const width = context.measureText(text).width;
      const around = [[11, 0], [-11 - width, 0], [-width / 2, -17], [-width / 2, 17]];
      for (const [left, middle] of around.map(([dx, dy]) => [x + dx, y + dy])) {
        const box = [left - 2, middle - 8, left + width + 2, middle + 8];
        if (boxes.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
        boxes.push(box);
        context.strokeStyle = PALETTE.halo;
        context.lineWidth = 3.5;
        context.strokeText(text, left, middle);
        context.fillStyle = PALETTE.statistic;
        context.fillText(text, left, middle);
        return 1;
      }
      return 0;
    }

    /** The features under a point of the container, the smallest first. */
    under(containerPoint) {
      if (!this.drawn?.length) return [];
      const { x, y } = this.sheet.toCanvas(containerPoint);
      const context = this.sheet.canvas.getContext("2d");
      const density = this.sheet.canvas.width / this.sheet.view.size.x;
      const [px, py] = [x * density, y * density];
      const hit = ({ feature, path }) => {
        if (feature.kind === AREA) return context.isPointInPath(path, px, py, "evenodd");
        context.lineWidth = 12;
        return context.isPointInStroke(path, px, py) || (feature.kind === POINT && context.isPointInPath(path, px, py));
      };
      return this.drawn.filter(hit).map(({ feature }) => feature).reverse();
    }

    /** What a popup says of features. */
    popup(features) {
      const body = el("div", { class: "geoinc-popup geoinc-figure", tabindex: "-1" });
      for (const feature of features.slice(0, 6)) {
        const { layer } = feature;
        body.append(el("h2", { dir: "auto" }, feature.label || layer.title));
        body.append(el("p", {}, said(layer.worded(feature), "b"), " ", feature.label ? said(layer.title) : ""));
      }
      return body;
    }

    legend() {
      return el("section", { class: "geoinc-statistics" }, ...this.layers.map((layer) => {
        const box = el("input", { type: "checkbox" });
        box.checked = layer.shown;
        box.addEventListener("change", () => {
          layer.shown = box.checked;
          this.sheet.redraw();
          this.names.redraw();
        });
        const mark = layer.coloured ? null : el("i", { class: `geoinc-key-statistic geoinc-kind-${Math.max(POINT, ...layer.kinds)}` });
        const part = el("div", {}, el("label", {}, box, mark, said(layer.title, "span")));
        if (layer.coloured) part.append(scale(layer));
        part.append(figures(layer));
        return part;
      }));
    }
  }

  /** The colours of a layer and what they mean. */
  function scale(layer) {
    const list = el("ul", { class: "geoinc-keys" });
    if (layer.unit) list.append(el("li", {}, said(layer.unit, "span")));
    const swatches = layer.breaks.map((_, number) => {
      const swatch = el("i", { class: "geoinc-swatch" });
      list.append(el("li", {}, swatch, layer.meaning(number)));
      return swatch;
    });
    const paint = () => swatches.forEach((swatch, number) => (swatch.style.backgroundColor = PALETTE.scale[step(number, layer.breaks.length)]));
    geoinc.onRecolour(paint);
    paint();
    if (layer.features.some(({ unsure }) => unsure)) list.append(el("li", {}, el("i", { class: "geoinc-swatch geoinc-hatched" }), say("hatched")));
    return list;
  }

  /** All figures of a layer as a table: the map for keyboard and screen reader. */
  function figures(layer) {
    return geoinc.disclosure("figures", say("figures"), () => {
      const rows = layer.features.map((feature) => ({ feature, text: layer.worded(feature) }));
      rows.sort((a, b) => (b.feature.value ?? -Infinity) - (a.feature.value ?? -Infinity));
      const list = el("dl", { class: "geoinc-figures-list" });
      for (const { feature, text } of rows.slice(0, 500)) list.append(said(feature.label || layer.title, "dt"), said(text, "dd"));
      return [layer.note ? said(layer.note, "p") : null, list].filter(Boolean);
    });
  }

  /** Which colour a class has when there are fewer classes than colours. */
  const step = (number, classes) => Math.round((number * (PALETTE.scale.length - 1)) / Math.max(1, classes - 1));
  const colour = ({ class: number, layer }) => PALETTE.scale[step(number, layer.breaks.length)];

  function outline(context, path, style, width) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.stroke(path);
  }

  /** Lines aslant, light on a dark colour and dark on a light one. */
  function hatch(context, feature) {
    const dark = feature.class >= 0 && luminance(colour(feature)) < 0.3;
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.strokeStyle = dark ? "rgba(255, 255, 255, 0.75)" : "rgba(35, 39, 46, 0.6)";
    pen.lineWidth = 1.2;
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
    }
    pen.stroke();
    return context.createPattern(tile, "repeat");
  }

  function luminance(hex) {
    const [red, green, blue] = [1, 3, 5].map((i) => (parseInt(hex.slice(i, i + 2), 16) / 255) ** 2.2);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  function diamond(view, lines) {
    const path = new Path2D();
    for (const line of lines) {
      const [x, y] = [view.x(line[0]), view.y(line[1])];
      path.moveTo(x, y - 7);
      for (const [dx, dy] of [[7, 0], [0, 7], [-7, 0]]) path.lineTo(x + dx, y + dy);
      path.closePath();
    }
    return path;
  }

  /** What a label stands beside: a point, the middle of a line, the top of an area. */
  function anchor(view, [line], kind) {
    let at = kind === LINE ? 2 * Math.floor(line.length / 4) : 0;
    if (kind === AREA) for (let i = 0; i < line.length; i += 2) if (line[i + 1] < line[at + 1]) at = i;
    return [view.x(line[at]), view.y(line[at + 1])];
  }

  Object.assign(geoinc, { Statistics });
})();
