/*
 * Which incidents are shown: every filter of the page at once.
 *
 * Each incident has a count of the filters that turn it away, so that a
 * filter that changes is one pass over the incidents, however many others there are.
 */
(() => {
  "use strict";

  const { ROLE_BITS } = geoinc;

  class Selection {
    constructor(data) {
      this.data = data;
      this.length = data.incidents.length;
      /** Of each incident, how many filters turn it away: 0 where it is shown. */
      this.refusals = new Uint8Array(this.length);
      this.filters = new Map();
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
      const { refusals, length } = this;
      const old = this.filters.get(name);
      if (old) for (let i = 0; i < length; i++) refusals[i] -= 1 - old[i];
      this.filters.delete(name);
      if (test) {
        const mask = new Uint8Array(length);
        if (typeof test === "function") for (let i = 0; i < length; i++) mask[i] = test(i) ? 1 : 0;
        else for (let i = 0; i < length; i++) mask[i] = test[i] ? 1 : 0;
        for (let i = 0; i < length; i++) refusals[i] += 1 - mask[i];
        this.filters.set(name, mask);
      }
      this.changed();
    }

    /** Whether an incident passes every filter. */
    has(incident) {
      return this.refusals[incident] === 0;
    }

    /** 1 for each incident that passes every filter but the one named. */
    mask(except) {
      const { refusals, length } = this;
      const own = this.filters.get(except);
      const mask = new Uint8Array(length);
      for (let i = 0; i < length; i++) mask[i] = refusals[i] === (own ? 1 - own[i] : 0) ? 1 : 0;
      return mask;
    }

    /** How many attacks, or accounts of attacks, pass every filter. */
    get count() {
      if (this.total === undefined) {
        const { refusals, counted, length, unit, data } = this;
        this.total = 0;
        for (let i = 0; i < length; i++) {
          if (refusals[i] === 0 && counted[i]) this.total += unit === "accounts" ? data.accountsOf.count(i) : 1;
        }
      }
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
