// What the SDK of Pulumi does at each start, and nothing here has a use for:
//
// - a compiler and a package manager, two thirds of its own start, to send functions' source code to the cloud. They are
//   loaded if they are asked for anything;
// - what would run another engine (its automation API). It is there if it is asked for, too;
// - a debugger, for functions as well: with it, all that is loaded afterwards takes a third longer. It is there if it is asked for;
// - a compiler for a policy pack that is told to use none (TS_NODE_IGNORE), half of that pack's start;
// - a stack, mapped to its sources, for every promise and every resource that it makes: a third of the time that a
//   program takes. Whoever looks for a promise that leaks sets PULUMI_DEBUG_PROMISE_LEAKS, and has them all;
// - a tracer, 0.08 s of each start, whose traces nobody collects. The engine names a trace to each program. Where it
//   names a collector as well (PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT), the tracer is there;
// - machine code of what runs a few hundred times and never again: a sixth of the time that a program takes.
//
// For `node --require`, before the SDK is loaded; the package has it as `cutover/start`.
const Module = require("node:module");
const { join } = require("node:path");
const { setFlagsFromString } = require("node:v8");

if (!process.env.PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT) delete process.env.TRACEPARENT;

// How much of a function has to have run before V8 makes it faster, in bytes of bytecode; its own is 66 KB. A run takes a
// second; what goes on for longer is made faster all the same.
setFlagsFromString("--interrupt-budget=2000000");

const load = Module._load;

const isOf = (parent, ...folder) => parent?.filename?.includes(join("@pulumi", "pulumi", ...folder)) ?? false;

const isSpared = (request, parent) =>
  (/(^@npmcli\/arborist|\/typescript-shim|\/v8Hooks)$/.test(request) &&
    (isOf(parent, "runtime", "closure") || isOf(parent, "cmd"))) ||
  (request === "./automation" && isOf(parent, "index.js"));

/** What the SDK's runners wait for before they load a program: here nothing, where it would open the debugger. */
const WITHOUT_DEBUGGER = { isInitializedAsync: async () => {} };

const NO_COMPILER = "cutover: no compiler";
/** By what a policy pack's runner asks for: how it registers a compiler that compiles nothing. */
const COMPILERLESS = {
  "../../tsutils": {
    typeScriptRequireStrings: () => ({ tsnodeRequire: NO_COMPILER, typescriptRequire: NO_COMPILER }),
    loadTypeScriptCompilerOptions: () => ({}),
  },
  [NO_COMPILER]: { register() {} },
};

const isCompilerless = (request, parent) =>
  process.env.TS_NODE_IGNORE === "." &&
  Object.hasOwn(COMPILERLESS, request) &&
  isOf(parent, "cmd", "run-policy-pack");

/** By the module that each is in: how it does without stacks. A module that is still being loaded has nothing yet. */
const STACKLESS = {
  debuggable: (made) => {
    const { debuggablePromise } = made;
    if (debuggablePromise === undefined) return false;
    made.debuggablePromise = (promise, context) => {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 0;
      try {
        return debuggablePromise(promise, context);
      } finally {
        Error.stackTraceLimit = limit;
      }
    };
    return true;
  },
  resource: (made) => {
    if (made.Resource?.callsites === undefined) return false;
    made.Resource.callsites = () => [];
    return true;
  },
};

const done = new WeakSet();

function withoutStacks(request, parent, made) {
  const name = /^\.{1,2}\/(?:.*\/)?(debuggable|resource)$/.exec(request)?.[1];
  if (name === undefined || !isOf(parent) || process.env.PULUMI_DEBUG_PROMISE_LEAKS || done.has(made)) return;
  if (STACKLESS[name](made)) done.add(made);
}

Module._load = function (request, parent, ...rest) {
  const made = () => load.call(this, request, parent, ...rest);
  if (isCompilerless(request, parent)) return COMPILERLESS[request];
  if (isSpared(request, parent)) {
    const instead = request.endsWith("v8Hooks") ? WITHOUT_DEBUGGER : {};
    const get = (_, key) => key === "__esModule" || (instead[key] ?? made()[key]);
    return new Proxy({}, { get });
  }
  const loaded = made();
  withoutStacks(request, parent, loaded);
  return loaded;
};
