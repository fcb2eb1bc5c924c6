import { serve } from "../core/serve";
import { postgresql } from "./plugin";

void serve(postgresql);
