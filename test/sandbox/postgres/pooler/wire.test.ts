import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fatal,
  Messages,
  message,
  nextOpening,
  openingOf,
  refusedParameter,
} from "../../../../sandbox/postgres/pooler/wire";

function startup(parameters: Record<string, string>): Buffer {
  const body = Buffer.from(`${Object.entries(parameters).flat().join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}
const coded = (code: number) => {
  const packet = Buffer.alloc(8);
  packet.writeInt32BE(8, 0);
  packet.writeInt32BE(code, 4);
  return packet;
};

describe("what a client begins with", () => {
  it.each([
    ["asks for TLS", coded(80_877_103), { kind: "tls" }],
    ["asks for GSS", coded(80_877_104), { kind: "gss" }],
    ["cancels", coded(80_877_102), { kind: "cancel" }],
    ["speaks protocol 2", coded(131_072), { kind: "unknown", code: 131_072 }],
    [
      "says who and where",
      startup({ user: "gate", database: "ops", options: "-c a=b" }),
      { kind: "startup", parameters: { user: "gate", database: "ops", options: "-c a=b" } },
    ],
  ])("%s", (_, packet, opening) => {
    expect(openingOf(packet)).toEqual(opening);
  });

  it.each([
    [
      "who, where, and what can be followed",
      { user: "u", database: "d", application_name: "a", DateStyle: "ISO" },
      undefined,
    ],
    ["options", { user: "u", options: "-c search_path=s" }, "options"],
    ["a bound", { user: "u", statement_timeout: "5" }, "statement_timeout"],
    ["a path", { user: "u", search_path: "s" }, "search_path"],
  ])("with %s", (_, parameters, refused) => {
    expect(refusedParameter(parameters)).toBe(refused);
  });

  it("comes in pieces of any size", async () => {
    const packet = startup({ user: "gate", database: "ops" });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: packet.length }), async (size) => {
        const from = new PassThrough();
        const read = nextOpening(from);
        for (let at = 0; at < packet.length; at += size) from.write(packet.subarray(at, at + size));
        expect(await read).toEqual(packet);
      }),
    );
  });

  it.each([
    ["ends too early", (from: PassThrough) => from.end(startup({ user: "u" }).subarray(0, 6))],
    [
      "says more than it was asked for",
      (from: PassThrough) => from.write(Buffer.concat([coded(80_877_103), Buffer.from("x")])),
    ],
    ["is longer than one may be", (from: PassThrough) => from.write(Buffer.from([0, 1, 0, 0]))],
    ["is no packet", (from: PassThrough) => from.write(Buffer.from([0, 0, 0, 1]))],
  ])("is none where it %s", async (_, write) => {
    const from = new PassThrough();
    const read = nextOpening(from);
    write(from);
    expect(await read).toBeUndefined();
  });
});

it("messages are whole, and in their order, however they are cut", () => {
  const all = [
    message("R", Buffer.from([0, 0, 0, 0])),
    message("Q", "select 1"),
    fatal("08P01", "no"),
    message("Z", Buffer.from("I")),
  ];
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
      const messages = new Messages();
      const bytes = Buffer.concat(all);
      const got: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size)
        got.push(...messages.take(bytes.subarray(at, at + size)).map((one) => one.bytes));
      expect(got.map(String)).toEqual(all.map(String));
    }),
  );
});
