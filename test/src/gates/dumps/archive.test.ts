import { describe, expect, it, test } from "vitest";
import { type Part, readArchive } from "../../../../src/gates/dumps/archive";

/** Writes what pg_dump writes, of the parts that matter here. */
const int = (value: number) => {
  const buffer = Buffer.alloc(5);
  buffer.writeUInt8(value < 0 ? 1 : 0, 0);
  buffer.writeUInt32LE(Math.abs(value), 1);
  return buffer;
};
const text = (value: string | undefined) =>
  value === undefined ? int(-1) : Buffer.concat([int(Buffer.byteLength(value)), Buffer.from(value)]);
const byte = (value: number) => Buffer.from([value]);
const offset = (value: number) => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
};

interface Entry {
  readonly tag: string;
  readonly kind?: string;
  readonly data?: Buffer | undefined;
  readonly unplaced?: boolean;
}

function archive(entries: readonly Entry[], { minor = 16, format = 1, magic = "PGDMP" } = {}): Buffer {
  const head = (places: readonly number[]) =>
    Buffer.concat([
      Buffer.from(magic),
      ...[1, minor, 0, 4, 8, format].map(byte),
      minor >= 15 ? byte(1) : int(-1),
      ...Array.from({ length: 7 }, () => int(30)),
      ...["ops", "18.4", "18.6"].map(text),
      int(entries.length),
      ...entries.flatMap(({ tag, kind = "TABLE DATA", data, unplaced }, index) => [
        int(index + 7),
        int(1),
        ...["0", "0", tag, kind].map(text),
        int(3),
        ...["", "", `COPY ${tag} FROM stdin;`, "public", "", ""].map(text),
        ...(minor >= 16 ? [int(0)] : []),
        ...["ops_owner", "false", "3", undefined].map(text),
        byte(data === undefined ? 3 : unplaced ? 1 : 2),
        offset(places[index] ?? 0),
      ]),
    ]);
  const blocks = entries.map(({ data }, index) =>
    data === undefined
      ? Buffer.alloc(0)
      : Buffer.concat([byte(1), int(index + 7), int(data.length), data, int(0)]),
  );
  let at = head([]).length;
  const places = blocks.map((block) => {
    at += block.length;
    return at - block.length;
  });
  return Buffer.concat([head(places), ...blocks]);
}

const of =
  (file: Buffer): Part =>
  async (from, length) =>
    file.subarray(from, from + length);
const read = (file: Buffer) => readArchive(of(file), file.length);

const ROWS = Buffer.from("1\tone\n2\ttwo\n");
const whole = archive([
  { tag: "schema", kind: "SCHEMA" },
  { tag: "a", data: ROWS },
  { tag: "b", data: ROWS },
]);

describe("an archive", () => {
  test.each([14, 15, 16])("of version 1.%s says which tables it holds", async (minor) => {
    const file = archive(
      [
        { tag: "t", kind: "TABLE" },
        { tag: "a", data: ROWS },
      ],
      { minor },
    );
    expect(await read(file)).toEqual({ tables: ["public.a"], faults: [] });
  });

  it("whose table of contents is longer than what is read first", async () => {
    const many = Array.from({ length: 900 }, (_, index) => ({ tag: `table_${index}`, data: ROWS }));
    const { tables, faults } = await read(archive(many));
    expect([tables.length, faults]).toEqual([900, []]);
  });

  it("that was written to a pipe knows no places, and has an end none the less", async () => {
    const file = archive([{ tag: "a", data: ROWS, unplaced: true }]);
    expect(await read(file)).toEqual({ tables: ["public.a"], faults: [] });
    expect((await read(file.subarray(0, -1))).faults).toEqual([
      `it ends after ${file.length - 1} bytes in the middle of a table's data`,
    ]);
  });

  it("cut off anywhere is found", async () => {
    for (let length = 0; length < whole.length; length++) {
      const { faults } = await read(whole.subarray(0, length));
      expect([length, faults.length]).toEqual([length, 1]);
    }
  });

  test.each<[string, Buffer, RegExp]>([
    ["no byte", Buffer.alloc(0), /the file is empty/],
    [
      "a dump in SQL",
      Buffer.from("--\n-- PostgreSQL database dump\n--\n"),
      /^it is in plain SQL \(pg_dump --format=plain\), and only pg_dump's custom format is read$/,
    ],
    ["a dump in SQL of today's", Buffer.from("\\restrict x\n--\n"), /in plain SQL/],
    ["a tar", Buffer.concat([Buffer.from("toc.dat".padEnd(257, "\0")), Buffer.from("ustar")]), /a tar/],
    ["what gzip made", Buffer.from("1f8b0800", "hex"), /compressed as a whole/],
    ["anything else", Buffer.from("hello"), /^it is no dump in pg_dump's custom format$/],
    ["a dump in tar's format", archive([], { format: 3 }), /no dump in pg_dump's custom format/],
    ["a dump of a later PostgreSQL", archive([], { minor: 17 }), /archive version 1.17, and 1.14 to 1.16/],
    ["no data at all", archive([{ tag: "a", kind: "TABLE" }]), /it holds no table's data/],
    ["bytes beyond its end", Buffer.concat([whole, Buffer.from("x")]), /in the middle of public.b's data/],
  ])("with %s is none", async (_, file, fault) => {
    expect((await read(file)).faults).toEqual([expect.stringMatching(fault)]);
  });

  it("in whose middle something is missing is found", async () => {
    const at = whole.length - 2 * ROWS.length;
    const short = Buffer.concat([whole.subarray(0, at), whole.subarray(at + 3)]);
    expect((await read(short)).faults).toEqual([expect.stringMatching(/where the data of public.b begins/)]);
  });
});
