/*
 * Places in roles: a group is all incidents that were aimed at one place, or
 * launched from it, or fell on it.  Groups are numbers, and what is known of
 * them stands in arrays, so that a million are no burden.
 */
(() => {
  "use strict";

  const { ROLES, EQUATOR, Index, mercatorX, mercatorY, unfold } = geoinc;

  const ROLE_NAMES = Object.keys(ROLES);
  const NONE = -1;

  /** The footprints of places; each is made when it is first drawn. */
  class Shapes {
    constructor({ outlines, places }) {
      Object.assign(this, { outlines, places, made: new Map() });
      const { rings, points } = outlines;
      this.first = new Uint32Array(rings.length + 1);
      for (let i = 0; i < rings.length; i++) this.first[i + 1] = this.first[i] + rings[i];
      this.starts = new Uint32Array(points.length + 1);
      for (let i = 0; i < points.length; i++) this.starts[i + 1] = this.starts[i] + 2 * points[i];
    }

    /** Whether a place is a circle around its centre. */
    isCircle(place) {
      return this.first[place] === this.first[place + 1];
    }

    /** The rings of a place that is no circle. */
    rings(place) {
      if (!this.made.has(place)) {
        const lines = [];
        for (let ring = this.first[place]; ring < this.first[place + 1]; ring++) {
          lines.push(unfold(this.outlines.steps.subarray(this.starts[ring], this.starts[ring + 1]), this.outlines.unit));
        }
        this.made.set(place, lines);
      }
      return this.made.get(place);
    }
  }

  /** One group as an object: for whoever chooses it on the map. */
  class Group {
    constructor(groups, number) {
      Object.assign(this, { groups, key: number });
    }

    get role() {
      return ROLE_NAMES[this.groups.role[this.key]];
    }

    get place() {
      return this.groups.place[this.key];
    }

    get area() {
      return this.groups.area[this.key] === 1;
    }

    get x() {
      return this.groups.x[this.key];
    }

    get y() {
      return this.groups.y[this.key];
    }

    /** Its incidents that are shown, in order. */
    get incidents() {
      return this.groups.incidentsOf([this.key]);
    }
  }

  /** What a place is called on the map: by the words of reports where its name is no more than its coordinates. */
  const calledOn = ({ places }, place) => places.get("label", place) ?? places.get("name", place) ?? "";

  class Groups {
    constructor(data, selection) {
      const { rows, places, accounts } = data;
      Object.assign(this, { data, selection, shapes: new Shapes(data) });
      const [drawn, account, incident] = [rows.figures("drawn"), rows.figures("account"), accounts.figures("incident")];
      const roleOf = rows.values("role").map((name) => ROLE_NAMES.indexOf(name));
      const role = rows.codes("role");
      const numbers = new Int32Array(places.length * ROLE_NAMES.length).fill(NONE);
      const [roles, where] = [[], []];
      // Only rows that are drawn, in the order of incidents.
      const kept = [];
      for (let row = 0; row < rows.length; row++) if (!Number.isNaN(drawn[row])) kept.push(row);
      /** Of each row that is drawn: its number in the table, its group and its incident. */
      this.rows = Uint32Array.from(kept);
      this.rowGroup = new Int32Array(kept.length);
      this.rowIncident = new Int32Array(kept.length);
      this.groupOf = new Int32Array(rows.length).fill(NONE);
      kept.forEach((row, i) => {
        const key = drawn[row] * ROLE_NAMES.length + roleOf[role[row]];
        if (numbers[key] === NONE) {
          numbers[key] = roles.length;
          roles.push(roleOf[role[row]]);
          where.push(drawn[row]);
        }
        this.groupOf[row] = this.rowGroup[i] = numbers[key];
        this.rowIncident[i] = incident[account[row]];
      });
      this.count = roles.length;
      this.role = Uint8Array.from(roles);
      this.place = Uint32Array.from(where);
      this.weight = rows.figures("weight");
      this.members = new Index(this.rowGroup, this.count);
      this.pair(data.incidents.length);
      this.locate(places);
      /** Of each group, how many incidents are shown. */
      this.shown = new Float64Array(this.count);
      /** Where each group is on the canvas, as it was laid out last. */
      this.onCanvas = { x: new Float64Array(this.count), y: new Float64Array(this.count) };
      /** Of each incident, the number of the last question that it was counted in. */
      this.asked = new Uint32Array(data.incidents.length);
      this.questions = 0;
      this.refresh();
    }

    /** The groups of each incident, each of them once. */
    pair(length) {
      const { rowGroup, rowIncident, role } = this;
      const last = new Int32Array(this.count).fill(NONE);
      const pairs = new Uint32Array(rowGroup.length);
      const starts = new Uint32Array(length + 1);
      const repeated = [];
      let count = 0;
      for (let i = 0, incident = 0; incident < length; incident++) {
        const first = count;
        let roles = 0;
        let again = false;
        for (; i < rowGroup.length && rowIncident[i] === incident; i++) {
          const group = rowGroup[i];
          if (last[group] === incident) continue;
          last[group] = incident;
          again ||= (roles & (1 << role[group])) !== 0;
          roles |= 1 << role[group];
          pairs[count++] = group;
        }
        starts[incident] = first;
        if (again) repeated.push(incident);
      }
      starts[length] = count;
      /** The groups of all incidents, one after the other, and where those of each begin. */
      this.pairs = { groups: pairs.slice(0, count), starts };
      /** Incidents with several groups of one role: one symbol may stand for all of these. */
      this.repeated = Uint32Array.from(repeated);
    }

    /** Where each group is, in Mercator positions, and how wide. */
    locate(places) {
      const columns = ["longitude", "latitude", "uncertainty_m", "area"].map((name) => places.figures(name));
      const of = (values) => Float64Array.from(this.place, (place) => values[place]);
      const [longitude, latitude, uncertainty, area] = columns.map(of);
      this.x = longitude.map(mercatorX);
      this.y = latitude.map(mercatorY);
      this.uncertainty = uncertainty;
      this.area = Uint8Array.from(area);
      /** The radius in Mercator positions. */
      this.radius = this.y.map((y, i) => (uncertainty[i] / EQUATOR) * Math.cosh(Math.PI * (1 - 2 * y)));
    }

    /** Take in what the selection shows: how many incidents each group has. */
    refresh() {
      const { selection, shown, role, pairs } = this;
      const { refusals } = selection;
      const { groups, starts } = pairs;
      const accounts = this.data.accountsOf.starts;
      const byAccount = selection.unit === "accounts";
      /** How much one incident counts for. */
      this.worth = (incident) => (byAccount ? accounts[incident + 1] - accounts[incident] : 1);
      shown.fill(0);
      for (let incident = 0; incident < refusals.length; incident++) {
        if (refusals[incident] !== 0) continue;
        const worth = byAccount ? accounts[incident + 1] - accounts[incident] : 1;
        for (let i = starts[incident]; i < starts[incident + 1]; i++) shown[groups[i]] += worth;
      }
      const visible = ROLE_NAMES.map((name) => selection.roles.has(name));
      for (let group = 0; group < this.count; group++) if (!visible[role[group]]) shown[group] = 0;
    }

    /** How many places are shown, each once however many roles it has. */
    placesShown() {
      const { place, shown, count, data } = this;
      const seen = new Uint8Array(data.places.length);
      let places = 0;
      for (let group = 0; group < count; group++) {
        if (!shown[group] || seen[place[group]]) continue;
        seen[place[group]] = 1;
        places += 1;
      }
      return places;
    }

    get(number) {
      return new Group(this, number);
    }

    name(number) {
      return calledOn(this.data, this.place[number]);
    }

    /** The incidents shown that some groups have, each once, in order. */
    incidentsOf(numbers) {
      const { members, rowIncident, selection, asked } = this;
      const question = ++this.questions;
      const found = [];
      for (const number of numbers) {
        for (let i = members.starts[number]; i < members.starts[number + 1]; i++) {
          const incident = rowIncident[members.rows[i]];
          if (asked[incident] === question || !selection.has(incident)) continue;
          asked[incident] = question;
          found.push(incident);
        }
      }
      return numbers.length > 1 ? found.sort((a, b) => a - b) : found;
    }

    /** How many incidents some groups have together, each counted once. */
    together(numbers) {
      if (numbers.length === 1) return this.shown[numbers[0]];
      return this.incidentsOf(numbers).reduce((sum, incident) => sum + this.worth(incident), 0);
    }
  }

  Object.assign(geoinc, { ROLE_NAMES, calledOn, Shapes, Groups });
})();
