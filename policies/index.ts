import { PolicyPack } from "@pulumi/policy";
import { rules } from "./rules";

// Constructing the pack starts its server: only the engine loads this file. Tests load the rules.
new PolicyPack("cutover", { enforcementLevel: "mandatory", policies: [...rules] });
