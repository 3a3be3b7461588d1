/*
 * Which incidents are shown: every filter of the page at once.
 *
 * Each incident has a bit for every filter that turns it away, so that a
 * filter that changes is one pass over the incidents, however many others there are.
 */
(() => {
  "use strict";

  const { ROLE_BITS } = geoinc;

  class Selection {
    constructor(data) {
      this.data = data;
      this.length = data.incidents.length;
      /** Of each incident, the bits of the filters that turn it away: 0 where it is shown. */
      this.refusals = new Uint16Array(this.length);
      /** The bit of each filter, by its name. */
      this.bits = new Map();
      this.listeners = [];
      this.roles = new Set(Object.keys(ROLE_BITS));
      this.mode = "points";
      this.unit = "incidents";
      const standing = data.incidents.codes("standing");
      const counted = data.incidents.values("standing").indexOf("counted");
      /** Which incidents are attacks to count: no summary, false alarm or row set aside. */
      this.counted = Uint8Array.from({ length: this.length }, (_, i) => (!standing || standing[i] === counted ? 1 : 0));
    }

    /**
     * Filter by a test of an incident, or by a mask with 1 for each that
     * passes; null takes the filter away.
     */
    set(name, test) {
      const { refusals, length, bits } = this;
      if (!bits.has(name)) bits.set(name, 1 << bits.size);
      const own = bits.get(name);
      const others = ~own;
      if (!test) for (let i = 0; i < length; i++) refusals[i] &= others;
      else if (typeof test === "function") for (let i = 0; i < length; i++) refusals[i] = (refusals[i] & others) | (test(i) ? 0 : own);
      else for (let i = 0; i < length; i++) refusals[i] = (refusals[i] & others) | (test[i] ? 0 : own);
      this.changed();
    }

    /** Whether an incident passes every filter. */
    has(incident) {
      return this.refusals[incident] === 0;
    }

    /** The bits of every filter but the one named: an incident with none of them is let through by all others. */
    except(name) {
      return ~(this.bits.get(name) ?? 0);
    }

    /** 1 for each incident that passes every filter but the one named. */
    mask(name) {
      const { refusals, length } = this;
      const others = this.except(name);
      const mask = new Uint8Array(length);
      for (let i = 0; i < length; i++) mask[i] = (refusals[i] & others) === 0 ? 1 : 0;
      return mask;
    }

    /** Attacks that pass every filter but the one named, or the accounts of them, added to the sums of their parts. */
    tally(name, part, sums) {
      const { refusals, counted, length, unit } = this;
      const others = this.except(name);
      const { starts } = this.data.accountsOf;
      if (unit === "accounts") {
        for (let i = 0; i < length; i++) if ((refusals[i] & others) === 0 && counted[i]) sums[part[i]] += starts[i + 1] - starts[i];
      } else {
        for (let i = 0; i < length; i++) if ((refusals[i] & others) === 0 && counted[i]) sums[part[i]] += 1;
      }
      return sums;
    }

    /** How many attacks, or accounts of attacks, pass every filter. */
    get count() {
      this.total ??= this.tally("", new Uint8Array(this.length), [0])[0];
      return this.total;
    }

    /** Show these roles; an incident that is drawn in none of them is hidden. */
    setRoles(roles) {
      this.roles = new Set(roles);
      const { rolesOf } = this.data;
      const shown = [...this.roles].reduce((bits, role) => bits | ROLE_BITS[role], 0);
      const all = this.roles.size === Object.keys(ROLE_BITS).length;
      this.set("roles", all ? null : (i) => rolesOf[i] === 0 || rolesOf[i] & shown);
    }

    /** Draw "points", "areas" or "density". */
    setMode(mode) {
      this.mode = mode;
      this.changed();
    }

    /** Count "incidents" or "accounts". */
    setUnit(unit) {
      this.unit = unit;
      this.changed();
    }

    /** Be called once for each frame in which something has changed. */
    onChange(listener) {
      this.listeners.push(listener);
    }

    changed() {
      this.total = undefined;
      this.waiting ??= requestAnimationFrame(() => {
        this.waiting = undefined;
        for (const listener of this.listeners) listener(this);
      });
    }
  }

  geoinc.Selection = Selection;
})();
