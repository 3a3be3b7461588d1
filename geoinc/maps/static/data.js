/*
 * What the file holds: tables of columns, in the order of incidents, and what
 * belongs to what.  Texts stay bytes until they are asked for.
 */
var geoinc = {};

(() => {
  "use strict";

  /** A day that is not known: the open end of a date, or no date at all. */
  const OPEN = -(2 ** 31);

  /** Bits of `rolesOf`. */
  const ROLE_BITS = { target: 1, launch: 2, impact: 4 };

  const ARRAYS = { u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array, i4: Int32Array, f8: Float64Array };

  /** How a block begins that is not compressed. */
  const MARK = "GEO1";

  /** The bytes of a page: a header, and the arrays it points to. */
  class Block {
    constructor(bytes) {
      const decoder = new TextDecoder();
      if (decoder.decode(bytes.subarray(0, 4)) !== MARK) throw new Error("the data of this page is not whole");
      const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
      this.header = JSON.parse(decoder.decode(bytes.subarray(8, 8 + size)));
      this.bytes = bytes.subarray(8 + size);
    }

    /** Numbers, NaN where blank; see `pack` for how they are written. */
    numbers({ type, at, length, steps, scale, unit, blank }) {
      const width = ARRAYS[type].BYTES_PER_ELEMENT;
      const mixed = new Uint8Array(length * width);
      for (let plane = 0; plane < width; plane++) {
        const from = this.bytes.subarray(at + plane * length, at + (plane + 1) * length);
        if (width === 1) mixed.set(from);
        else for (let i = 0, to = plane; i < length; i++, to += width) mixed[to] = from[i];
      }
      let values = new ARRAYS[type](mixed.buffer);
      if (steps) {
        const whole = new Int32Array(length);
        for (let i = 0, sum = 0; i < length; i++) whole[i] = sum += values[i];
        values = whole;
      }
      if (scale === undefined && unit === undefined && blank === undefined) return values;
      return Float64Array.from(values, (value) => (value === blank ? NaN : (value * (unit ?? 1)) / (scale ?? 1)));
    }

    /** A list of texts. */
    texts({ text: [at, size], lengths, numbered }) {
      const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.bytes.subarray(at, at + size));
      // Texts that begin alike and end in a number are that beginning and the numbers.
      if (numbered) return Array.from(this.numbers(lengths), (number) => whole + number);
      let start = 0;
      return Array.from(this.numbers(lengths), (length) => whole.slice(start, (start += length)));
    }
  }

  /** A table by columns: numbers, or codes into a list of distinct texts. */
  class Table {
    constructor(block, { length, columns, groups = [] }) {
      this.block = block;
      this.length = length;
      this.columns = columns;
      this.groups = [];
      this.cache = { codes: new Map(), values: new Map(), numbers: new Map() };
      for (const { codes, ...inner } of groups) {
        const table = new Table(block, inner);
        this.join(block.numbers(codes), table, Object.fromEntries(Object.keys(inner.columns).map((name) => [name, name])));
      }
    }

    /** Take columns of another table, whose row each row here points to; NaN points nowhere. */
    join(rows, table, names) {
      for (const [name, theirs] of Object.entries(names)) this.columns[name] = { rows, table, theirs };
    }

    cached(kind, name, make) {
      const cache = this.cache[kind];
      if (!cache.has(name)) cache.set(name, make());
      return cache.get(name);
    }

    /** The value in a row, or undefined where blank. */
    get(name, row) {
      const column = this.columns[name];
      if (!column) return undefined;
      if (column.table) return Number.isNaN(column.rows[row]) ? undefined : column.table.get(column.theirs, column.rows[row]);
      if (column.text) return this.values(name)[this.codes(name)[row]] || undefined;
      const value = this.numbers(name)[row];
      if (Number.isNaN(value)) return undefined;
      return column.days ? new Date(value * 864e5).toISOString().slice(0, 10) : value;
    }

    /** Of a column of texts, for each row the place of its text in `values`; null of numbers. */
    codes(name) {
      const column = this.columns[name];
      if (!column || !(column.text || column.table?.codes(column.theirs))) return null;
      return this.cached("codes", name, () => {
        if (column.table) {
          const theirs = column.table.codes(column.theirs);
          const blank = column.table.values(column.theirs).length;
          return Uint32Array.from(column.rows, (row) => (Number.isNaN(row) ? blank : theirs[row]));
        }
        if (column.codes) return this.block.numbers(column.codes);
        return column.lengths.length === 1 ? new Uint8Array(this.length) : Uint32Array.from({ length: this.length }, (_, row) => row);
      });
    }

    /** The distinct texts of a column; a blank cell's is "", or none. */
    values(name) {
      const column = this.columns[name];
      if (column?.table) return column.table.values(column.theirs);
      return column?.text ? this.cached("values", name, () => this.block.texts(column)) : [];
    }

    /** A column of numbers, of dates as days since 1970, NaN where blank; null of texts. */
    numbers(name) {
      const column = this.columns[name];
      if (!column || column.text) return null;
      return this.cached("numbers", name, () => {
        if (!column.table) return this.block.numbers(column);
        const theirs = column.table.numbers(column.theirs);
        return theirs && Float64Array.from(column.rows, (row) => (Number.isNaN(row) ? NaN : theirs[row]));
      });
    }

    /** The same, an array of NaN where the table has no such column. */
    figures(name) {
      return this.numbers(name) ?? new Float64Array(this.length).fill(NaN);
    }
  }

  /** For each of some numbers, the rows that bear it, in order. */
  class Index {
    constructor(numbers, count) {
      this.starts = new Uint32Array(count + 1);
      for (let row = 0; row < numbers.length; row++) this.starts[numbers[row] + 1]++;
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

  /** Columns of a row that are those of the place it was found at. */
  const OF_PLACE = {
    place_name: "name", place_kind: "kind", place_country: "country", place_admin1: "admin1",
    longitude: "longitude", latitude: "latitude", uncertainty_m: "uncertainty_m",
  };

  function unbase64(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const letters = atob(text);
    const bytes = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    return bytes;
  }

  /** Unpack the data of a page. */
  async function decode(id) {
    let bytes = unbase64(document.getElementById(id).textContent.trim());
    if (bytes[0] === 0x1f) {
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    }
    const block = new Block(bytes);
    const data = block.header;
    for (const name of ["incidents", "accounts", "rows", "places", "links"]) data[name] = new Table(block, data[name]);
    for (const { outlines } of [data, data.cells].filter(Boolean)) {
      for (const name of ["rings", "points", "steps"]) outlines[name] = block.numbers(outlines[name]);
    }
    // Of a map of many: how many incidents there are, and where.
    for (const name of data.cells ? ["months", "areas"] : []) data.cells[name] = new Table(block, data.cells[name]);
    for (const counted of data.cells ? [data.cells, data.cells.filtered] : []) {
      for (const name of ["spots", "told", "counts", "shares"]) counted[name] = new Table(block, counted[name]);
    }
    for (const chip of data.chips) chip.incidents = Array.from(block.numbers(chip.incidents));
    const { incidents, accounts, rows, links, places } = data;
    rows.join(rows.figures("found"), places, OF_PLACE);
    data.accountsOf = new Index(accounts.figures("incident"), incidents.length);
    data.rowsOf = new Index(rows.figures("account"), accounts.length);
    data.linksOf = new Index(links.figures("incident"), incidents.length);
    for (const name of ["first", "last"]) {
      data[name] = Int32Array.from(incidents.figures(name), (day) => (Number.isNaN(day) ? OPEN : day));
    }
    data.rolesOf = drawnRoles(data);
    return data;
  }

  /** In which roles each incident is drawn, as `ROLE_BITS`. */
  function drawnRoles({ incidents, accounts, rows }) {
    const bits = new Uint8Array(incidents.length);
    const [role, drawn] = [rows.codes("role"), rows.figures("drawn")];
    const bitOf = rows.values("role").map((name) => ROLE_BITS[name] ?? 0);
    const [account, incident] = [rows.figures("account"), accounts.figures("incident")];
    for (let row = 0; row < rows.length; row++) {
      if (!Number.isNaN(drawn[row])) bits[incident[account[row]]] |= bitOf[role[row]];
    }
    return bits;
  }

  Object.assign(geoinc, { OPEN, ROLE_BITS, Table, Index, decode });
})();
