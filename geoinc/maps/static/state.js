/*
 * What the reader has chosen: the value of each control, by name.  Filters turn
 * their value into a mask of the selection; all of it stands in the page's address,
 * so that a link, also to a file, shows the same view.
 */
(() => {
  "use strict";

  /** What a text says, or null where it says nothing: anybody may have written the address. */
  function heard(read, text) {
    try {
      return read(text);
    } catch {
      return null;
    }
  }

  class State {
    constructor(selection) {
      this.selection = selection;
      this.choices = new Map();
      window.addEventListener("hashchange", () => this.read());
    }

    /**
     * Make a choice known: what it is when nothing is chosen (`blank`), what
     * follows from a value (`apply`), and how it is written and read (null
     * where the text says nothing).  A filter hides incidents; a view does not.
     */
    define(name, { blank = "", filter = true, apply, write = String, read = (text) => text }) {
      this.choices.set(name, { blank, filter, apply, write, read, value: blank, text: write(blank) });
    }

    get(name) {
      return this.choices.get(name).value;
    }

    set(name, value) {
      const choice = this.choices.get(name);
      const text = choice.write(value);
      if (text === choice.text) return;
      Object.assign(choice, { value, text });
      choice.apply(value);
      this.save();
    }

    /** Take every filter away; the view stays. */
    clear() {
      for (const [name, { filter, blank }] of this.choices) if (filter) this.set(name, blank);
    }

    /** The filters in force as they are written: "days=2021-01-01/2021-03-31". */
    filters() {
      const chosen = [...this.choices].filter(([, { filter, blank, text, write }]) => filter && text !== write(blank));
      return chosen.map(([name, { text }]) => `${name}=${text}`);
    }

    /** Write the choices into the address, once for many changes. */
    save() {
      this.saving ??= setTimeout(() => {
        this.saving = undefined;
        const words = new URLSearchParams();
        for (const [name, { text, blank, write }] of this.choices) if (text !== write(blank)) words.set(name, text);
        this.hash = `#${words}`.replaceAll("%2F", "/").replaceAll("%2C", ",");
        try {
          history.replaceState(null, "", this.hash);
        } catch {
          // A frame of a notebook has no address of its own.
        }
      }, 250);
    }

    /** Take over what the address says; what it does not name, or names wrongly, is blank. */
    read() {
      if (location.hash === this.hash) return;
      this.hash = location.hash;
      const words = new URLSearchParams(location.hash.slice(1));
      for (const [name, { blank, read }] of this.choices) {
        this.set(name, (words.has(name) ? heard(read, words.get(name)) : null) ?? blank);
      }
    }
  }

  geoinc.State = State;
})();
