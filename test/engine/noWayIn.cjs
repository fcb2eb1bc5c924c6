/**
 * Loaded into a process (`node --require`) that has no way into a private network: whatever listens on one of the ports
 * of NO_WAY_IN is not reached from there, as from a hosted runner. Functions run elsewhere, and do reach it.
 */
const net = require("node:net");

const closed = new Set((process.env.NO_WAY_IN ?? "").split(",").map(Number));
const { connect } = net.Socket.prototype;

net.Socket.prototype.connect = function (...args) {
  // The module's own callers hand on what they were given as one list.
  const [to] = Array.isArray(args[0]) ? args[0] : args;
  const port = Number(typeof to === "object" && to !== null ? to.port : to);
  if (!closed.has(port)) return connect.apply(this, args);
  const error = Object.assign(new Error(`connect EHOSTUNREACH :${port}`), { code: "EHOSTUNREACH" });
  process.nextTick(() => this.destroy(error));
  return this;
};
