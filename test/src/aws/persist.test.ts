import { expect, test, vi } from "vitest";
import { persist } from "../../../src/aws/persist";

const failure = (properties: object) => Object.assign(new Error("no"), properties);

test.each([
  { name: "ThrottlingException" },
  { name: "TooManyRequestsException" },
  { $metadata: { httpStatusCode: 429 } },
  { $metadata: { httpStatusCode: 503 } },
  { code: "ECONNRESET" },
  { name: "TimeoutError" },
])("tries again after %j", async (properties) => {
  const call = vi.fn().mockRejectedValueOnce(failure(properties)).mockResolvedValue("done");
  expect(await persist(call, 1_000)).toBe("done");
  expect(call).toHaveBeenCalledTimes(2);
});

test.each([
  { name: "BadRequestException", $metadata: { httpStatusCode: 400 } },
  { name: "ConflictException", $metadata: { httpStatusCode: 409 } },
  { name: "AccessDeniedException", $metadata: { httpStatusCode: 403 } },
  { code: "ERR_INVALID_ARG_TYPE" },
])("does not try again after %j", async (properties) => {
  const call = vi.fn().mockRejectedValue(failure(properties));
  await expect(persist(call, 1_000)).rejects.toThrow("no");
  expect(call).toHaveBeenCalledTimes(1);
});

test("gives up in time, with the last answer", async () => {
  const started = performance.now();
  await expect(persist(() => Promise.reject(failure({ name: "Throttling" })), 300)).rejects.toThrow("no");
  expect(performance.now() - started).toBeLessThan(500);
});
