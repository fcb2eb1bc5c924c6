import { serve } from "../core/serve";
import { aws } from "./plugin";

void serve(aws);
