import { serve } from "../../plugin/serve";
import { aws } from "./plugin";

serve(aws);
