/**
 * Reads the table of contents of a dump in pg_dump's custom format, and no data. It stands at the beginning, and says at
 * which byte each table's data begins; each table's data ends with a length of 0, and so does the file.
 *
 * Source: PostgreSQL, src/bin/pg_dump/pg_backup_archiver.c (ReadHead, ReadToc) and pg_backup_custom.c; archive versions 1.14
 * to 1.16, which PostgreSQL 12 to 18 write.
 */

import { LARGE_OBJECTS, nameIn } from "./manifest";

/** What a dump says of itself. */
export interface Archive {
  /** The tables of which there is data, as `schema.table`. */
  readonly tables: readonly string[];
  /** What is wrong with it; nothing where it ends where it should. */
  readonly faults: readonly string[];
}

/** Reads bytes of the file; fewer than asked for only where it ends. */
export type Part = (from: number, length: number) => Promise<Buffer>;

/** The first piece that is read: most tables of contents are no longer. Bytes. */
const FIRST = 64 * 1024;
const OLDEST = 14;
const NEWEST = 16;
const CUSTOM = 1;
/** Whether an entry's data has a place in the file: written down, or only known while it was written. */
const PLACED = 2;
const NONE = 3;
/** What begins the data of a table, and of large objects. */
const BEGINS = [1, 3];

/** @param bytes how long the file is */
export async function readArchive(part: Part, bytes: number): Promise<Archive> {
  if (bytes === 0) return broken("the file is empty");
  for (let length = Math.min(FIRST, bytes); ; length = Math.min(length * 4, bytes)) {
    const buffer = await part(0, length);
    try {
      return await checked(new Reader(buffer).all(), part, bytes);
    } catch (error) {
      if (error instanceof NoArchive) return broken(error.message);
      if (!(error instanceof RangeError)) throw error;
      if (length < bytes) continue;
      return broken(`it ends within its own table of contents, after ${bytes} bytes`);
    }
  }
}

const broken = (fault: string): Archive => ({ tables: [], faults: [fault] });

/** The file is something else than what is read here. */
class NoArchive extends Error {}

const NO_DUMP = "it is no dump in pg_dump's custom format";
/** What people put in the place of one, by how it begins; in SQL nothing says whether it is whole. */
const OTHERS: readonly (readonly [string, RegExp])[] = [
  ["in plain SQL (pg_dump --format=plain)", /^(?:\ufeff|\xef\xbb\xbf)?\s*(?:--|\\restrict|SET |BEGIN)/],
  ["a tar (pg_dump --format=tar)", /^.{257}ustar/s],
];
/** gzip, zstd, xz, bzip2 and zip, in hex. */
const COMPRESSED = /^(?:1f8b|28b52ffd|fd377a58|425a68|504b0304)/;

function otherFormat(beginning: Buffer): string {
  const text = beginning.subarray(0, 512).toString("latin1");
  const [what] = COMPRESSED.test(beginning.subarray(0, 4).toString("hex"))
    ? ["compressed as a whole"]
    : (OTHERS.find(([, begins]) => begins.test(text)) ?? []);
  return what === undefined ? NO_DUMP : `it is ${what}, and only pg_dump's custom format is read`;
}

interface Entry {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly state: number;
  readonly offset: number;
}

interface Contents {
  readonly entries: readonly Entry[];
  readonly intSize: number;
}

async function checked({ entries, intSize }: Contents, part: Part, bytes: number): Promise<Archive> {
  const data = entries.filter(({ state }) => state !== NONE);
  const tables = [...new Set(data.flatMap(nameOfData))];
  const wrong = (fault: string): Archive => ({ tables, faults: [fault] });
  if (data.length === 0) return wrong("it holds no table's data");
  const beyond = data.find(({ state, offset }) => state === PLACED && offset >= bytes);
  if (beyond)
    return wrong(`it ends after ${bytes} bytes, and the data of ${beyond.name} begins at ${beyond.offset}`);
  const placed = data.filter(({ state }) => state === PLACED);
  const last = placed.reduce<Entry | undefined>(
    (late, one) => (late && late.offset > one.offset ? late : one),
    undefined,
  );
  if (last) {
    const block = new Reader(await part(last.offset, 2 + intSize), intSize);
    if (!BEGINS.includes(block.byte()) || block.int() !== last.id)
      return wrong(`at ${last.offset}, where the data of ${last.name} begins, is something else`);
  }
  const end = await part(bytes - 1 - intSize, 1 + intSize);
  return end.every((byte) => byte === 0)
    ? { tables, faults: [] }
    : wrong(`it ends after ${bytes} bytes in the middle of ${last?.name ?? "a table"}'s data`);
}

function nameOfData({ kind, name }: Entry): string[] {
  if (kind === "BLOBS") return [LARGE_OBJECTS];
  return kind === "TABLE DATA" ? [name] : [];
}

/** Reads what pg_dump writes. Throws a `RangeError` where the buffer is over, which more of the file may mend. */
class Reader {
  private at = 0;
  private offSize = 8;

  constructor(
    private readonly buffer: Buffer,
    private intSize = 4,
  ) {}

  all(): Contents {
    const magic = this.buffer.subarray(0, 5).toString("latin1");
    if (magic !== "PGDMP") throw new NoArchive(otherFormat(this.buffer));
    this.at = 5;
    const [major, minor] = [this.byte(), this.byte(), this.byte()];
    if (major !== 1 || minor < OLDEST || minor > NEWEST)
      throw new NoArchive(
        `it is of the archive version ${major}.${minor}, and 1.${OLDEST} to 1.${NEWEST} are known here`,
      );
    this.intSize = this.byte();
    this.offSize = this.byte();
    if (this.byte() !== CUSTOM) throw new NoArchive(NO_DUMP);
    // How it is compressed, and when it was made.
    if (minor >= 15) this.byte();
    else this.int();
    for (let part = 0; part < 7; part++) this.int();
    for (let part = 0; part < 3; part++) this.text();
    const count = this.int();
    const entries: Entry[] = [];
    for (let index = 0; index < count; index++) entries.push(this.entry(minor));
    return { entries, intSize: this.intSize };
  }

  private entry(minor: number): Entry {
    const id = this.int();
    this.int();
    this.text();
    this.text();
    const tag = this.text() ?? "";
    const kind = this.text() ?? "";
    this.int();
    for (let part = 0; part < 3; part++) this.text();
    const schema = this.text();
    this.text();
    this.text();
    if (minor >= 16) this.int();
    this.text();
    this.text();
    while (this.text() !== undefined) {
      // What it depends on.
    }
    const state = this.byte();
    const offset = this.number(this.offSize);
    return { id, kind, name: schema ? nameIn(schema, tag) : tag, state, offset };
  }

  byte(): number {
    const value = this.buffer.readUInt8(this.at);
    this.at += 1;
    return value;
  }

  /** Its sign stands before it. */
  int(): number {
    const sign = this.byte();
    const value = this.number(this.intSize);
    return sign === 0 ? value : -value;
  }

  private number(size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) value += this.byte() * 256 ** index;
    return value;
  }

  /** Undefined where there is none, which is not the same as an empty one. */
  private text(): string | undefined {
    const length = this.int();
    if (length < 0) return undefined;
    if (this.at + length > this.buffer.length) throw new RangeError("the buffer is over");
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at).toString("utf8");
  }
}
