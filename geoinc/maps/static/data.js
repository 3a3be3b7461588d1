/*
 * What the file holds: tables of columns, in the order of incidents, and what
 * belongs to what.
 */
var geoinc = {};

(() => {
  "use strict";

  /** A day that is not known: the open end of a date, or no date at all. */
  const OPEN = -(2 ** 31);

  /** Bits of `rolesOf`. */
  const ROLE_BITS = { target: 1, launch: 2, impact: 4 };

  /** A table by columns: numbers, or codes into a list of distinct texts. */
  class Table {
    constructor({ length, columns }) {
      this.length = length;
      this.columns = columns;
      this.cache = new Map();
    }

    /** The value in a row, or undefined where blank. */
    get(name, row) {
      const column = this.columns[name];
      if (!column) return undefined;
      const value = column.codes ? column.values[column.codes[row]] : column[row];
      return value === null || value === "" ? undefined : value;
    }

    /** Of a column of texts, for each row the place of its text in `values`; null of numbers. */
    codes(name) {
      const column = this.columns[name];
      if (!column?.codes) return null;
      if (!this.cache.has(name)) this.cache.set(name, Uint32Array.from(column.codes));
      return this.cache.get(name);
    }

    /** The distinct texts of a column; blank cells are the text "". */
    values(name) {
      return this.columns[name]?.values ?? [];
    }

    /** A column of numbers, NaN where blank; null of texts. */
    numbers(name) {
      const column = this.columns[name];
      if (!column || column.codes) return null;
      if (!this.cache.has(name)) this.cache.set(name, Float64Array.from(column, (value) => value ?? NaN));
      return this.cache.get(name);
    }
  }

  /** For each of some numbers, the rows that bear it, in order. */
  class Index {
    constructor(numbers, count) {
      this.starts = new Uint32Array(count + 1);
      for (const number of numbers) this.starts[number + 1]++;
      for (let i = 0; i < count; i++) this.starts[i + 1] += this.starts[i];
      this.rows = new Uint32Array(numbers.length);
      const next = this.starts.slice();
      for (let row = 0; row < numbers.length; row++) this.rows[next[numbers[row]]++] = row;
    }

    get(number) {
      return Array.from(this.rows.subarray(this.starts[number], this.starts[number + 1]));
    }

    count(number) {
      return this.starts[number + 1] - this.starts[number];
    }
  }

  /** Unpack the data of a page: base64, gzip, JSON. */
  async function decode(id) {
    const text = document.getElementById(id).textContent.trim();
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const data = await new Response(stream).json();
    for (const name of ["incidents", "accounts", "rows", "places", "links"]) data[name] = new Table(data[name]);
    const { incidents, accounts, rows, links } = data;
    const numbers = (table, name) => table.numbers(name) ?? new Float64Array(table.length);
    data.accountsOf = new Index(numbers(accounts, "incident"), incidents.length);
    data.rowsOf = new Index(numbers(rows, "account"), accounts.length);
    data.linksOf = new Index(numbers(links, "incident"), incidents.length);
    for (const name of ["first", "last"]) {
      data[name] = Int32Array.from(incidents.numbers(name) ?? new Float64Array(incidents.length).fill(NaN), (day) => (Number.isNaN(day) ? OPEN : day));
    }
    data.rolesOf = drawnRoles(data);
    return data;
  }

  /** In which roles each incident is drawn, as `ROLE_BITS`. */
  function drawnRoles({ incidents, accounts, rows }) {
    const bits = new Uint8Array(incidents.length);
    const [role, drawn] = [rows.codes("role"), rows.numbers("drawn")];
    const bitOf = rows.values("role").map((name) => ROLE_BITS[name] ?? 0);
    const [account, incident] = [rows.numbers("account"), accounts.numbers("incident")];
    if (!drawn) return bits;
    for (let row = 0; row < rows.length; row++) {
      if (!Number.isNaN(drawn[row])) bits[incident[account[row]]] |= bitOf[role[row]];
    }
    return bits;
  }

  Object.assign(geoinc, { OPEN, ROLE_BITS, Table, Index, decode });
})();
