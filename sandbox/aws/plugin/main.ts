import { serve } from "../../plugin/serve";
import { aws } from "./plugin";

void serve(aws);
