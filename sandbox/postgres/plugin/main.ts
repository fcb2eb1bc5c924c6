import { serve } from "../../plugin/serve";
import { postgresql } from "./plugin";

serve(postgresql);
