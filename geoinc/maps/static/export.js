/*
 * What is shown, as a table or as GeoJSON: one line for each place of each
 * account, with the filters and the day it was made in a citation.
 */
(() => {
  "use strict";

  const { say, el, disclosure } = geoinc;

  /** What spreadsheets run, or would if the apostrophes before it were not there; as in reports/cells.py. */
  const FORMULA = /^'*[=+\-@\t\r]/;

  /** A cell of a CSV file; text that a spreadsheet would run gets an apostrophe before it. */
  function cell(value) {
    if (value === undefined) return "";
    if (typeof value === "number") return String(value);
    const text = FORMULA.test(value) ? `'${value}` : value;
    return /[",;'\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  /** The rows that are exported: of incidents and roles shown, those that tell a place, and one of each account. */
  function rowsShown(data, selection) {
    const { accounts, rows } = data;
    const chosen = [];
    for (let account = 0; account < accounts.length; account++) {
      if (!selection.has(accounts.get("incident", account))) continue;
      const own = data.rowsOf.get(account).filter((row) => selection.roles.has(rows.get("role", row)));
      const told = own.filter((row) => rows.get("place_status", row) !== "not told");
      chosen.push(...(told.length ? told : own.slice(0, 1)));
    }
    return chosen;
  }

  /** What the exported columns are called, and where each is found; `get(row)` gives its cell. */
  function columns(data) {
    const { accounts, rows } = data;
    const incidentOf = (row) => accounts.get("incident", rows.get("account", row));
    const own = [
      ["incident", (row) => data.incidents.get("incident", incidentOf(row))],
      // An account has no identifier in the file; its number within the incident tells rows of one from those of another.
      ["account", (row) => 1 + rows.get("account", row) - data.accountsOf.starts[incidentOf(row)]],
    ];
    for (const name of Object.keys(accounts.columns)) {
      // What begins with "~" is for the page alone.
      if (name !== "incident" && !name.startsWith("~")) own.push([name, (row) => accounts.get(name, rows.get("account", row))]);
    }
    for (const name of Object.keys(rows.columns)) {
      if (!["account", "found", "drawn"].includes(name)) own.push([name, (row) => rows.get(name, row)]);
    }
    return own;
  }

  function csv(data, selection, citation) {
    const table = columns(data);
    const lines = [cell(`# ${citation}`), table.map(([name]) => cell(name)).join(",")];
    for (const row of rowsShown(data, selection)) lines.push(table.map(([, get]) => cell(get(row))).join(","));
    // The mark at the beginning tells spreadsheets that it is UTF-8.
    return `\uFEFF${lines.join("\r\n")}\r\n`;
  }

  /** The shape of a row: its centre, or its area where it has no mark; none where no more than the country is known. */
  function geometry(data, row) {
    const place = data.rows.get("drawn", row);
    if (place === undefined) return null;
    if (!data.places.get("area", place)) {
      return { type: "Point", coordinates: [data.rows.get("longitude", row), data.rows.get("latitude", row)] };
    }
    return { type: "MultiPolygon", coordinates: polygons(rings(data, place)) };
  }

  /** Whether a point is inside a ring, by the edges that a line to the east crosses. */
  function inside([x, y], ring) {
    let odd = false;
    for (let i = 1; i < ring.length; i++) {
      const [[ax, ay], [bx, by]] = [ring[i - 1], ring[i]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
    }
    return odd;
  }

  /** Anticlockwise for the outside of a polygon, clockwise for a hole, as GeoJSON has it. */
  function turned(ring, hole) {
    let area = 0;
    for (let i = 1; i < ring.length; i++) area += ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
    return area < 0 === hole ? ring : ring.reverse();
  }

  /** Rings as polygons; one inside an odd number of others is a hole of the innermost of them. */
  function polygons(all) {
    const around = new Map(all.map((ring) => [ring, all.filter((other) => other !== ring && inside(ring[0], other))]));
    const outer = new Map(all.filter((ring) => around.get(ring).length % 2 === 0).map((ring) => [ring, [turned(ring, false)]]));
    for (const [ring, others] of around) {
      if (others.length % 2 === 0) continue;
      const deepest = others.filter((other) => outer.has(other)).sort((a, b) => around.get(b).length - around.get(a).length)[0];
      outer.get(deepest)?.push(turned(ring, true));
    }
    return [...outer.values()];
  }

  /** The rings of a place's area, as longitudes and latitudes; a circle around its centre where it has none. */
  function rings({ outlines, places }, place) {
    const { unit, steps } = outlines;
    let [ring, step] = [0, 0];
    for (let other = 0; other < place; other++) for (let i = 0; i < outlines.rings[other]; i++) step += 2 * outlines.points[ring++];
    const lines = [];
    for (let i = 0; i < outlines.rings[place]; i++, ring++) {
      const line = [];
      for (let point = 0, longitude = 0, latitude = 0; point < outlines.points[ring]; point++, step += 2) {
        line.push([(longitude += steps[step]) / unit, (latitude += steps[step + 1]) / unit]);
      }
      lines.push(line);
    }
    return lines.length ? lines : [circle(places, place)];
  }

  function circle(places, place) {
    const [longitude, latitude] = [places.get("longitude", place), places.get("latitude", place)];
    const north = places.get("uncertainty_m", place) / 111_195;
    const east = north / Math.cos((latitude * Math.PI) / 180);
    const line = Array.from({ length: 64 }, (_, i) => [longitude + east * Math.cos((i * Math.PI) / 32), latitude + north * Math.sin((i * Math.PI) / 32)]);
    return [...line, line[0]];
  }

  function geojson(data, selection, citation) {
    const table = columns(data);
    const features = rowsShown(data, selection).map((row) => ({
      type: "Feature",
      geometry: geometry(data, row),
      properties: Object.fromEntries(table.map(([name, get]) => [name, get(row) ?? null])),
    }));
    return JSON.stringify({ type: "FeatureCollection", citation, features });
  }

  /** Hand a file to the reader. */
  function download(name, type, text) {
    const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    el("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  /** The part of the panel that exports. */
  function exporting({ data, selection, state }) {
    const name = data.title.normalize("NFKC").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "incidents";
    const citation = () => {
      const values = { title: data.title, version: data.version, made: data.made, filters: state.filters().join(", ") || say("noFilter") };
      let [incidents, accounts] = [0, 0];
      for (let i = 0; i < data.incidents.length; i++) {
        if (!selection.has(i) || !selection.counted[i]) continue;
        incidents += 1;
        accounts += data.accountsOf.count(i);
      }
      return say("citation", { ...values, incidents: say("incident", { n: incidents }), accounts: say("account", { n: accounts }) });
    };
    return disclosure("export", say("export"), () => {
      const cited = el("p", { class: "geoinc-cited", dir: "auto" });
      const refresh = () => (cited.textContent = citation());
      refresh();
      selection.onChange(() => cited.closest("[open]") && refresh());
      const button = (label, ending, type, write) => el("button", {
        type: "button",
        onclick: () => download(`${name}.${ending}`, type, write(data, selection, citation())),
      }, label);
      return [
        el("div", { class: "geoinc-row" }, button(say("csv"), "csv", "text/csv", csv), button(say("geojson"), "geojson", "application/geo+json", geojson)),
        el("p", { class: "geoinc-caption" }, say("cite")),
        cited,
      ];
    });
  }

  Object.assign(geoinc, { exporting });
})();
