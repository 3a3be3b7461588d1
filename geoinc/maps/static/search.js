/*
 * Search in the words of the reports: without diacritics, and with the
 * usual ways to spell one Arabic name in Latin letters taken together.
 */
(() => {
  "use strict";

  const { say, term, el } = geoinc;

  /** The columns that are searched, of each table. */
  const COLUMNS = {
    accounts: [
      "source", "original_source", "report", "date", "event_type", "weapon", "target_type", "target_actor", "outcome",
      "actor", "claimed_by", "attributed_by", "denied_by", "notes",
    ],
    rows: ["place", "place_name", "place_admin1"],
  };

  /** One form for the forms of a letter: no case, no diacritics, no vowel signs, one alif; lines stay lines. */
  function fold(text) {
    const plain = /^[\0-\x7f]*$/.test(text) ? text.toLowerCase().replace(/'/g, "") : text
      .normalize("NFKD")
      .replace(/[\p{Mn}\u0640]/gu, "")
      .toLowerCase()
      .replace(/[أإآٱ]/g, "ا").replace(/[ىیئ]/g, "ي").replace(/ة/g, "ه").replace(/ؤ/g, "و").replace(/ک/g, "ك")
      .replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15))
      .replace(/[ʿʾ‘’'`ʻʼ]/g, "")
      .replace(/ı/g, "i").replace(/ß/g, "ss").replace(/[øœ]/g, "o").replace(/æ/g, "a");
    return plain.replace(/[^\p{L}\p{N}\n]+/gu, " ");
  }

  /** Texts as lines, so that many of them are folded at once. */
  const together = (texts) => texts.map((text) => text.replaceAll("\n", " ")).join("\n");

  /** How a folded Latin text sounds: "hussein" and "husayn", "asad" and "assad", "qa'im" and "kaim" are one. */
  const sound = (text) => text
    .replace(/q/g, "k").replace(/ck/g, "k").replace(/tch|ch/g, "sh").replace(/dj/g, "j").replace(/h\b/g, "")
    .replace(/a?[eiy]+/g, "i").replace(/ou|oo|au|aw|o|w/g, "u").replace(/([^\n])\1+/g, "$1");

  /** The distinct values of the columns, folded when first asked for. */
  class Words {
    constructor(data) {
      const { accounts, rows } = data;
      const incidentOf = accounts.numbers("incident");
      const accountOf = rows.numbers("account");
      this.length = data.incidents.length;
      this.columns = [];
      const add = (table, name, incident) => {
        const codes = table.codes(name);
        if (!codes) return;
        // Our own words are searched in the page's language as well.
        const texts = table.values(name).map((text) => (term(text) === text ? text : `${text} ${term(text)}`));
        const folded = fold(together(texts));
        this.columns.push({ codes, folded: folded.split("\n"), sounds: sound(folded).split("\n").map((text) => ` ${text}`), incident });
      };
      for (const name of [...COLUMNS.accounts, ...data.extra]) add(accounts, name, (account) => incidentOf[account]);
      for (const name of COLUMNS.rows) add(rows, name, (row) => incidentOf[accountOf[row]]);
    }

    /** 1 for each incident in which every word of a query is found; null where it has none. */
    find(query) {
      const words = fold(query).split(" ").filter(Boolean);
      if (!words.length) return null;
      const found = new Uint8Array(this.length).fill(1);
      for (const word of words) {
        const heard = sound(word);
        // Short words sound like too many others.
        const alike = heard.length > 2 && /^[a-z]/.test(heard) ? ` ${heard}` : null;
        const hit = new Uint8Array(this.length);
        for (const { codes, folded, sounds, incident } of this.columns) {
          const has = Uint8Array.from(folded, (text, i) => (text.includes(word) || (alike && sounds[i].includes(alike)) ? 1 : 0));
          if (!has.includes(1)) continue;
          for (let row = 0; row < codes.length; row++) if (has[codes[row]]) hit[incident(row)] = 1;
        }
        for (let i = 0; i < hit.length; i++) found[i] &= hit[i];
      }
      return found;
    }
  }

  /** The field that searches; `state` keeps its words. */
  function search({ data, selection, state }) {
    let words;
    const find = (query) => {
      words ??= new Words(data);
      return words.find(query);
    };
    state.define("words", { apply: (query) => selection.set("words", find(query)) });
    const field = el("input", { type: "search", id: "geoinc-search", placeholder: say("searchHint"), "aria-label": say("search"), autocomplete: "off", dir: "auto" });
    field.addEventListener("focus", () => (words ??= new Words(data)));
    field.addEventListener("input", () => state.set("words", field.value.trim()));
    selection.onChange(() => {
      if (field.value.trim() !== state.get("words")) field.value = state.get("words");
    });
    return el("div", { class: "geoinc-search", role: "search" }, field);
  }

  Object.assign(geoinc, { fold, sound, search });
})();
