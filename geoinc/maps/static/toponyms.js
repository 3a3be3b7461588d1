/*
 * Names of places as they sound, in Latin, Arabic, Hebrew and Cyrillic letters:
 * the consonants of each word, by the rules of geoinc/toponyms.py (toponyms.json).
 * So a name is found that is written in other letters than the query.
 */
(() => {
  "use strict";

  /** Part a text into its words; none where it is blank. */
  const split = (text) => text.split(" ").filter(Boolean);

  class Toponyms {
    constructor({ letters, articles, generics, numerals, kinds, latin, sounds, joined, not_joined, sides }) {
      Object.assign(this, { letters, generics, numerals, latin, sounds, sides });
      this.articles = new Set(articles);
      this.kinds = new Set(kinds);
      this.longest = Math.max(...kinds.map((words) => split(words).length));
      [this.joinedFirst, this.joinedLater] = joined.map((pattern) => new RegExp(pattern));
      this.notJoined = new Set(not_joined);
    }

    /** A name without what does not tell places apart: case, marks, punctuation. */
    fold(text) {
      const lower = text.normalize("NFKD").toLowerCase().normalize("NFKD").replaceAll("ß", "ss").replaceAll("ς", "σ")
        .replace(/(?<!(?<![\p{L}\p{N}_])ra)(?<=\p{L})['’ʼ]s(?![\p{L}\p{N}_])/gu, "")
        .replace(/(?<![\p{L}\p{N}_])(\p{L})\.(?=\p{L}(?![\p{L}\p{N}_]))/gu, "$1");
      let plain = "";
      for (const char of lower) {
        for (const one of this.letters[char] ?? char) {
          if (/\p{L}/u.test(one)) plain += one;
          else if (/[0-9٠-٩۰-۹]/.test(one)) plain += one.charCodeAt(0) & 15;
          else if (!/[\p{Mn}\p{Me}\p{Cf}]/u.test(one)) plain += " ";
        }
      }
      const words = split(plain.replace(/\s+/g, " ")).join(" ");
      return this.numbered(words).replace(/(\p{L}{2})(?=\d)/gu, "$1 ");
    }

    /** "K 3" is "k3". */
    numbered(words) {
      return words.replace(/(?<![\p{L}\p{N}_])([a-z]) (?=\d)/gu, "$1");
    }

    /** The words of a name without articles and without words for its kind. */
    core(text) {
      const words = split(this.fold(text));
      const bare = words.map((word) => this.withoutArticle(word));
      const rest = [];
      for (let start = 0; start < words.length;) {
        let end = Math.min(start + this.longest, words.length);
        while (end > start && !this.kinds.has(bare.slice(start, end).join(" "))) end--;
        if (end > start) start = end;
        else rest.push(words[start++]);
      }
      const named = split(this.numbered(this.canonical(rest).join(" ")));
      if (named.every((word) => /^\d+$/.test(word) || [...word].length === 1 || this.articles.has(word))) {
        return split(this.numbered(this.canonical(words).join(" ")));
      }
      // Without its articles and kinds a name may show another: "Port (the) of Entry X".
      return named.join(" ") === words.join(" ") ? named : this.core(named.join(" "));
    }

    withoutArticle(word) {
      return word.startsWith("ال") && word.length > 3 ? word.slice(2) : word;
    }

    /** Words without articles, generic words and numerals spelled one way. */
    canonical(words) {
      let kept = words.filter((word, i) => !this.articles.has(word) || i === words.length - 1);
      if (kept.every((word) => this.articles.has(word))) kept = words;
      return kept
        .map((word) => this.withoutArticle(word))
        // The feminine ending: "Fallujah" is "Falluja".
        .map((word) => ([...word].length > 4 && word.endsWith("ah") ? word.slice(0, -1) : word))
        .map((word) => this.generics[word] ?? word)
        .map((word, i) => (i ? this.numerals[word] ?? word : word));
    }

    side(word) {
      return this.sides[word] ?? this.sides[word.replace(this.joinedLater, "")] ?? "";
    }

    /** A word by its sounds: consonants by class, and a, i, u, w, y. */
    sound(word, first, last) {
      if (/^\d+$/.test(word)) return word;
      let sounds = word;
      if ([...word].some((char) => char in this.sounds)) {
        sounds = [...word].map((char) => this.sounds[char] ?? char).join("");
      } else {
        if (!this.notJoined.has(word)) sounds = word.replace(first ? this.joinedFirst : this.joinedLater, "");
        // The feminine ending, heard as t before another word.
        if (!last && sounds.length > 4 && /[ae]t$/.test(sounds)) sounds = sounds.slice(0, -1);
        for (const [letters, sound] of this.latin) sounds = sounds.replaceAll(letters, sound);
      }
      // At the end of a word it is h, in either script often not written.
      if (sounds.length > 2) sounds = sounds.replace(/h$/, "");
      return sounds.replace(/(\D)\1+/gu, "$1");
    }

    /** Each word of a name with its consonants, or the sign of the side or size that it tells. */
    bones(text) {
      const words = this.core(text);
      const named = words.some((word) => !this.side(word)) ? words.filter((word) => !this.side(word)) : words;
      let place = -1;
      return words.map((word) => {
        if (!named.includes(word)) return { word, bone: "", side: this.side(word) };
        place++;
        const sounds = [...this.sound(word, place === 0, place === named.length - 1).toLowerCase()];
        const [first] = sounds;
        return { word, bone: (first === "i" || first === "u" ? "a" : first ?? "") + sounds.slice(1).join("").replace(/[aiuwy]/g, ""), side: "" };
      });
    }

    /** The key by which names in different letters are the same, as `skeleton` has it. */
    skeleton(text) {
      const words = this.bones(text);
      // Inside a name a vowel at the start of a word is no more than a vowel.
      const bones = words.filter(({ side }) => !side).map(({ bone }, i) => (i ? bone.replace(/^a/, "") : bone));
      const sides = words.map(({ side }) => side).filter(Boolean).sort();
      return bones.join("") + sides.map((side) => `>${side}`).join("");
    }
  }

  geoinc.Toponyms = Toponyms;
})();
