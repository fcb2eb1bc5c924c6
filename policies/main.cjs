// What the engine starts, with whatever loader it brings along.
require("../start.cjs");
require("./index.ts");
