import { serve } from "../../plugin/serve";
import { postgresql } from "./plugin";

void serve(postgresql);
