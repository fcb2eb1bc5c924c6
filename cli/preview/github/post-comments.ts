import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf, UserError } from "../../../src/text/problem";
import { type PullRequest, postComment } from "./comment";

/**
 * Posts every `.md` file of a folder as a comment of its own: `post-comments.ts FOLDER`. One that fails does not keep
 * the others from being posted; the exit code is 1 then.
 */
async function main(folder: string | undefined, env: NodeJS.ProcessEnv): Promise<number> {
  if (folder === undefined) throw new UserError("Say where the comments are: post-comments.ts FOLDER");
  const pull = pullRequest(env);
  let code = 0;
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith(".md")) continue;
    try {
      console.log(`${file}: ${await postComment(pull, readFileSync(join(folder, file), "utf8"))}`);
    } catch (error) {
      console.error(`${file}: ${error instanceof UserError ? error.message : reasonOf(error)}`);
      code = 1;
    }
  }
  return code;
}

/** As GitHub's own runner names these, beside the number of the pull request. */
function pullRequest(env: NodeJS.ProcessEnv): PullRequest {
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, PULL_REQUEST: number } = env;
  const missing = Object.entries({ GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, PULL_REQUEST: number })
    .filter(([, value]) => !value)
    .map(([name]) => name);
  if (!token || !repository || !number)
    throw new UserError("It is not known where to post:", [
      { where: missing.join(", "), what: "is missing", remedy: "Set it in the workflow's env" },
    ]);
  if (!/^[1-9]\d*$/.test(number)) throw new UserError(`PULL_REQUEST must be a number, got ${number}`);
  return { api: env.GITHUB_API_URL || "https://api.github.com", repository, number: Number(number), token };
}

main(process.argv[2], process.env)
  .catch((error: unknown) => {
    console.error(error instanceof UserError ? error.message : reasonOf(error));
    return 1;
  })
  .then((code) => process.exit(code));
