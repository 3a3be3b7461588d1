/*
 * The page's own words: strings of one language (words/*.json), with its
 * plurals, numbers and dates.  Words of reports are never translated, except
 * those of our own lists ("rocket", "air base").
 */
(() => {
  "use strict";

  const NUMBERS = "-u-ca-gregory-nu-latn";
  let strings = { values: {}, reasons: {} };
  let reasons = [];
  let rules;
  let numbers;

  /** Speak the language of these strings from now on. */
  function speak(words) {
    strings = words;
    geoinc.language = words.language + NUMBERS;
    rules = new Intl.PluralRules(words.language);
    reasons = Object.entries(words.reasons).map(([english, own]) => [heard(english), own]);
    numbers = new Intl.NumberFormat(geoinc.language);
  }

  /** What recognises a sentence with "{a}" and "{b}" in it; names stand in either quotation marks. */
  function heard(sentence) {
    const escaped = sentence.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replaceAll("'", "['\"]").replace(/\{(\w)\}/g, "(?<$1>.+)")}$`);
  }

  /** A reason of ours in the page's language, names in it kept from mixing with their surroundings; null where it has no words for it. */
  function reworded(reason) {
    for (const [english, own] of reasons) {
      const found = english.exec(reason);
      if (found) return own.replace(/\{(\w)\}/g, (_, name) => `\u2068${term(found.groups[name])}\u2069`);
    }
    return null;
  }

  /** A string by its name, with its "{n}" and the like filled in; "" where the language has none. */
  function say(key, values = {}) {
    let text = strings[key] ?? "";
    if (typeof text === "object") text = text[rules.select(values.n)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? numbers.format(values[name]) : values[name] ?? ""));
  }

  /** A count as the language writes it: "100,000". */
  const figure = (n) => numbers.format(n);

  /** The paragraphs of a string that has several. */
  const paragraphs = (key) => strings[key];

  /** "1 place", "2 places", never broken between lines. */
  const plural = (n, key) => say(key, { n }).replaceAll(" ", "\u00a0");

  /** One of the words that our own lists use, in the page's language. */
  const term = (word) => strings.values[word] ?? word;

  /** A list of such words: "rocket; drone". */
  const terms = (words) => words.split(";").map((word) => term(word.trim())).join("; ");

  /** Metres as kilometres, no finer than a reader can use, as a bare number. */
  const km = (metres) => (metres < 9950 ? (metres / 1000).toFixed(1).replace(/\.0$/, "") : numbers.format(Math.round(metres / 1000)));

  /** A day number as a date of the page's language. */
  function day(number, options = { dateStyle: "medium" }) {
    return new Intl.DateTimeFormat(geoinc.language, { timeZone: "UTC", ...options }).format(number * 86_400_000);
  }

  Object.assign(geoinc, { speak, say, figure, paragraphs, plural, term, terms, reworded, km, day });
})();
