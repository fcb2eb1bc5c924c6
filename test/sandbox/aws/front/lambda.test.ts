import { Lambda } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { openFront, settings } from "./world";

test("an account has AWS's own concurrency, whatever memory the machine has, less what functions have reserved", async () => {
  const front = await openFront({
    "GET /2016-08-19/account-settings": {
      AccountLimit: {
        ConcurrentExecutions: 573,
        UnreservedConcurrentExecutions: 568,
        TotalCodeSize: 80_530_636_800,
      },
      AccountUsage: { FunctionCount: 2 },
    },
    "GET /2015-03-31/functions/?MaxItems=10000": {
      Functions: [{ FunctionName: "mine" }, { FunctionName: "other" }],
    },
    "GET /2019-09-30/functions/mine/concurrency": { ReservedConcurrentExecutions: 5 },
    "GET /2019-09-30/functions/other/concurrency": {},
  });
  const lambda = new Lambda(settings(front.endpoint));
  const { AccountLimit, AccountUsage } = await lambda.getAccountSettings({});
  expect(AccountLimit).toEqual({
    ConcurrentExecutions: 1_000,
    UnreservedConcurrentExecutions: 995,
    TotalCodeSize: 80_530_636_800,
  });
  expect(AccountUsage).toEqual({ FunctionCount: 2 });
});
