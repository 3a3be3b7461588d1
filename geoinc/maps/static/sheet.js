/*
 * Canvases that Leaflet moves and zooms, and positions on them.
 *
 * Positions are Web Mercator, 0..1 across the world; `View` turns them into
 * pixels of a canvas.
 */
(() => {
  "use strict";

  /** Part of the map's size that a canvas reaches beyond each edge; dragged further, it is painted anew. */
  const MARGIN = 0.15;

  /** Metres around the world on the equator. */
  const EQUATOR = 40075016.7;

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

    /** How many metres a pixel is at a height of the map. */
    metres(position) {
      return EQUATOR / this.scale / Math.cosh(Math.PI * (1 - 2 * position));
    }

    /** A path through rings or lines, without points that are too near to be told apart. */
    path(lines, close = true) {
      const path = new Path2D();
      for (const line of lines) {
        let [lastX, lastY] = [Infinity, Infinity];
        for (let i = 0; i < line.length; i += 2) {
          const [x, y] = [this.x(line[i]), this.y(line[i + 1])];
          if (i && i < line.length - 2 && Math.abs(x - lastX) + Math.abs(y - lastY) < 1.2) continue;
          if (i) path.lineTo(x, y);
          else path.moveTo(x, y);
          [lastX, lastY] = [x, y];
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
        move: this.keepUp,
        resize: this.redraw,
        zoom: () => this.follow(this._map.getCenter(), this._map.getZoom()),
        zoomanim: (event) => this.follow(event.center, event.zoom),
      };
    },

    /** Paint anew while the map is dragged, when its blank edge comes into view. */
    keepUp() {
      this.waiting ??= requestAnimationFrame(() => {
        this.waiting = undefined;
        const map = this._map;
        // While it zooms the canvas follows as it is.
        if (!map || map.getZoom() !== this.view.zoom || map._animatingZoom) return;
        const { x, y } = this.toCanvas([0, 0]);
        const { size } = this.view;
        const seen = map.getSize();
        if (x < 0 || y < 0 || x + seen.x > size.x || y + seen.y > size.y) this.redraw();
      });
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

    /** Paint again: something has changed, and nothing has moved. */
    repaint() {
      const context = this.canvas.getContext("2d");
      context.clearRect(0, 0, this.view.size.x, this.view.size.y);
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

  Object.assign(geoinc, { MARGIN, EQUATOR, mercatorX, mercatorY, unfold, Sheet });
})();
