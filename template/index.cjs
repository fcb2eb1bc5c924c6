// The program of every stack: what differs from rollout to rollout is in the stack files beside this one.
module.exports = require("cutover/program");
