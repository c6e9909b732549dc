/** All pictures of the page. */
export { BitLegend } from "./BitLegend";
export { BitsByLayer } from "./cost/BitsByLayer";
export { CostGauge } from "./cost/CostGauge";
export { TradeOff } from "./cost/TradeOff";
export { ChosenLayer } from "./layer/ChosenLayer";
export { Loom } from "./loom/Loom";
export { AccuracyChart } from "./progress/AccuracyChart";
export { LossChart } from "./progress/LossChart";
export { bitColor } from "./theme";
