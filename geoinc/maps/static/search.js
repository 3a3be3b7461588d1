/*
 * Search in the words of the reports: without diacritics, and with the
 * usual ways to spell one Arabic name in Latin letters taken together; in the
 * names of places also by their sounds in other letters than those of the query.
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
    return plain.replace(/[^\p{L}\p{N}\n ]+/gu, " ");
  }

  /** The sounds of a folded Latin word: "hussein" and "husayn", "asad" and "assad", "qaim" and "kayim" have the same. */
  const sound = (word) => word
    .replace(/q/g, "k").replace(/ck/g, "k").replace(/tch|ch/g, "sh").replace(/dj/g, "j").replace(/h$/, "")
    .replace(/a?[eiy]+/g, "i").replace(/a?[ouw]+/g, "u").replace(/(.)\1+/g, "$1");

  /** How each sound may be written. */
  const SPELLED = { i: "(?:a?[eiy])+", u: "(?:a?[ouw])+", k: "(?:ck|[kq])+", sh: "(?:sh|t?ch)+", j: "(?:dj|j)+" };

  /** What a word of a query is found by: its letters anywhere, its sounds where a word begins. */
  function pattern(word) {
    const heard = sound(word);
    // Short words sound like too many others.
    if (heard.length < 3 || !/^[a-z]+$/.test(heard)) return new RegExp(word, "g");
    const spelled = heard.match(/sh|./g).map((one) => SPELLED[one] ?? `${one}+`).join("");
    return new RegExp(`${word}|(?<![a-z])${spelled}`, "g");
  }

  const LATIN = /[a-z]/i;
  /** Letters that `Toponyms` knows the sounds of, other than Latin ones. */
  const OTHER = /[\u0400-\u06ff\u0750-\u077f\ufb1d-\ufdff\ufe70-\ufefc]/;

  /** What stands for a word of a name: its consonants, of which a vowel that begins it may be that of an article, or its side. */
  const key = ({ bone, side }) => (side ? `>${side}` : bone.length > 2 ? bone.replace(/^a/, "") : bone);

  /** The distinct texts of a column, a line for each. */
  class Column {
    constructor(texts, codes, incidentOf) {
      this.texts = texts;
      // Our own words are searched in the page's language as well.
      const worded = texts.map((text) => (term(text) === text ? text : `${text} ${term(text)}`).replaceAll("\n", " "));
      this.folded = fold(worded.join("\n"));
      this.count = texts.length;
      Object.assign(this, { codes, incidentOf });
    }

    /** Mark the incidents of the lines that have a name with such a key in other letters than a query's. */
    markHeard(toponyms, latin, sought, hit) {
      this.keys ??= new Array(this.texts.length);
      const [other, has] = [latin ? OTHER : LATIN, new Uint8Array(this.texts.length)];
      for (let line = 0; line < has.length; line++) {
        if (!other.test(this.texts[line])) continue;
        this.keys[line] ??= new Set(toponyms.bones(this.texts[line]).map(key));
        has[line] = this.keys[line].has(sought) ? 1 : 0;
      }
      this.spread(has, hit);
    }

    /** Mark the incidents of some lines. */
    spread(has, hit) {
      if (has.includes(1)) for (let row = 0; row < this.codes.length; row++) if (has[this.codes[row]]) hit[this.incidentOf(row)] = 1;
    }

    /** Mark the incidents of the lines in which something is found. */
    mark(found, hit) {
      const has = new Uint8Array(this.count);
      let [line, start] = [0, 0];
      found.lastIndex = 0;
      for (let match = found.exec(this.folded); match; match = found.exec(this.folded)) {
        let end = this.folded.indexOf("\n", start);
        for (; end !== -1 && end < match.index; end = this.folded.indexOf("\n", start)) {
          line += 1;
          start = end + 1;
        }
        has[line] = 1;
        if (end === -1) break;
        // One find in a line is enough.
        found.lastIndex = end;
      }
      this.spread(has, hit);
    }
  }

  /** The words of the data, folded when first asked for. */
  class Words {
    constructor(data) {
      const { accounts, rows } = data;
      const incidentOf = accounts.figures("incident");
      const accountOf = rows.figures("account");
      this.length = data.incidents.length;
      this.toponyms = new geoinc.Toponyms(geoinc.spelling);
      this.columns = [];
      this.places = [];
      const add = (table, name, incident) => {
        const codes = table.codes(name);
        if (codes) this.columns.push(new Column(table.values(name), codes, incident));
      };
      for (const name of [...COLUMNS.accounts, ...data.extra]) add(accounts, name, (account) => incidentOf[account]);
      const first = this.columns.length;
      for (const name of COLUMNS.rows) add(rows, name, (row) => incidentOf[accountOf[row]]);
      this.places = this.columns.slice(first);
    }

    /** 1 for each incident in which every word of a query is found; null where it has none. */
    find(query) {
      const words = fold(query).split(/\s+/).filter(Boolean);
      if (!words.length) return null;
      const found = new Uint8Array(this.length).fill(1);
      for (const word of words) {
        const hit = this.written(word);
        for (let i = 0; i < hit.length; i++) found[i] &= hit[i];
      }
      const across = this.acrossLetters(query);
      if (across) for (let i = 0; i < found.length; i++) found[i] |= across[i];
      return found;
    }

    /** 1 for each incident in which a word is written. */
    written(word) {
      const hit = new Uint8Array(this.length);
      for (const column of this.columns) column.mark(pattern(word), hit);
      return hit;
    }

    /**
     * 1 for each incident with a place that a query names in other letters, null where there is none;
     * words for its kind ("air base") need no match.
     */
    acrossLetters(query) {
      const { toponyms, places, length } = this;
      const names = toponyms.bones(query);
      // Of one consonant or none too many names have it.
      if (!names.length || names.some((name) => key(name).length < 2)) return null;
      const any = new Uint8Array(length);
      const heard = names.map((name) => {
        const hit = new Uint8Array(length);
        for (const column of places) column.markHeard(toponyms, LATIN.test(name.word), key(name), hit);
        for (let i = 0; i < length; i++) any[i] |= hit[i];
        return hit;
      });
      if (!any.includes(1)) return null;
      names.forEach(({ word }, at) => {
        const written = this.written(word);
        for (let i = 0; i < length; i++) any[i] &= written[i] | heard[at][i];
      });
      return any;
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

  geoinc.search = search;
})();
