/*
 * How many incidents of a map of many there are at each spot, by what filters
 * ask.  Of a million counts few differ in what is told of them (role, months,
 * kind): a filter asks each of these once, and one pass adds up the spots.
 */
(() => {
  "use strict";

  const { OPEN, ROLE_BITS, Selection } = geoinc;

  /** Sums of parts of incidents are whole again but for the last digits. */
  const whole = (count) => Math.round(count * 1e4) / 1e4;

  /** The first day of a month since 1970. */
  function monthDay(month) {
    const date = new Date(0);
    date.setUTCFullYear(1970 + Math.floor(month / 12), ((month % 12) + 12) % 12, 1);
    return date.getTime() / 86_400_000;
  }

  const monthOf = (number) => {
    const date = new Date(number * 86_400_000);
    return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  };

  /** The roles of what is told, as `ROLE_BITS`; Python numbers them as schema.ROLES. */
  function roleBits(told) {
    const bits = ["launch", "target", "impact"].map((name) => ROLE_BITS[name]);
    return Uint8Array.from(told.figures("role"), (number) => bits[number]);
  }

  /** How many incidents there are at each spot, of each of what is told of them. */
  class Sums {
    constructor({ spots, told, counts, shares }, all) {
      const [sizes, steps] = [spots.figures("counts"), counts.figures("step")];
      this.told = told.length;
      /** The counts of a spot stand one after the other; where they begin, and at last where they end. */
      this.starts = new Uint32Array(spots.length + 1);
      this.which = new (told.length > 65_536 ? Uint32Array : Uint16Array)(counts.length);
      for (let spot = 0, i = 0; spot < spots.length; spot++) {
        const end = this.starts[spot] + sizes[spot];
        for (let which = 0; i < end; i++) this.which[i] = which += steps[i];
        this.starts[spot + 1] = end;
      }
      this.count = counts.figures("count");
      /** Parts of incidents that have several places: of which count, at which spot, how much. */
      this.of = shares.figures("of");
      this.part = Float64Array.from(shares.figures("parts"), (parts) => parts / all);
      let at = 0;
      this.at = Uint32Array.from(this.of, (number) => {
        while (this.starts[at + 1] <= number) at++;
        return at;
      });
    }

    /** How many there are at each spot, of what passes. */
    bySpot(passes) {
      const { starts, which, count, of, part, at } = this;
      const sums = new Float64Array(starts.length - 1);
      for (let spot = 0, i = 0; spot < sums.length; spot++) {
        let sum = 0;
        for (const end = starts[spot + 1]; i < end; i++) if (passes[which[i]]) sum += count[i];
        sums[spot] = sum;
      }
      for (let i = 0; i < of.length; i++) if (passes[which[of[i]]]) sums[at[i]] += part[i];
      return sums;
    }

    /** How many there are of each of what is told, at spots with 1. */
    byTold(inside) {
      const { starts, which, count, of, part, at } = this;
      const sums = new Float64Array(this.told);
      for (let spot = 0; spot < inside.length; spot++) {
        if (inside[spot]) for (let i = starts[spot]; i < starts[spot + 1]; i++) sums[which[i]] += count[i];
      }
      for (let i = 0; i < of.length; i++) if (inside[at[i]]) sums[which[of[i]]] += part[i];
      return sums;
    }
  }

  /** What the filters of the page work on: of all that is told alike its role, months, kind, and how many it is. */
  function toldOf({ months, kinds, filtered: { told } }, sums) {
    const [period, kind] = ["period", "kind"].map((name) => told.figures(name));
    const [from, to] = ["first", "last"].map((name) => months.figures(name));
    const first = Int32Array.from(from, (month) => (Number.isNaN(month) ? OPEN : monthDay(month)));
    const last = Int32Array.from(to, (month) => (Number.isNaN(month) ? OPEN : monthDay(month + 1) - 1));
    return {
      incidents: {
        length: told.length,
        codes: (name) => (name === "event_type" ? kind : null),
        values: (name) => (name === "event_type" ? kinds : []),
      },
      count: sums.byTold(new Uint8Array(sums.starts.length - 1).fill(1)),
      first: Int32Array.from(period, (number) => first[number]),
      last: Int32Array.from(period, (number) => last[number]),
      rolesOf: roleBits(told),
      least: "perMonth",
    };
  }

  /** The selection of what is told alike in place of incidents. */
  class Told extends Selection {
    tally(name, part, sums) {
      const { refusals, length } = this;
      const { count } = this.data;
      const others = this.except(name);
      const exact = new Float64Array(sums.length);
      for (let i = 0; i < length; i++) if ((refusals[i] & others) === 0) exact[part[i]] += count[i];
      return exact.map(whole);
    }
  }

  Object.assign(geoinc, { Sums, Told, toldOf, roleBits, whole, monthDay, monthOf });
})();
