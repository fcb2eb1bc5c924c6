// What the SDK of Pulumi loads only to send a function's source code to the cloud, which nothing here does: a compiler
// and a package manager, two thirds of its own start. They are loaded if they are asked for anything.
//
// For `node --require`, before the SDK is loaded; the package has it as `cutover/start`.
const Module = require("node:module");
const { join } = require("node:path");

const load = Module._load;

function isSpared(request, parent) {
  return (
    /(^@npmcli\/arborist|\/typescript-shim)$/.test(request) &&
    parent?.filename?.includes(join("@pulumi", "pulumi", "runtime", "closure"))
  );
}

Module._load = function (request, parent, ...rest) {
  if (!isSpared(request, parent)) return load.call(this, request, parent, ...rest);
  const get = (_, key) => key === "__esModule" || load.call(this, request, parent, ...rest)[key];
  return new Proxy({}, { get });
};
