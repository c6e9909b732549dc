/** The charts: the controls work before the chart library is here. */
import { lazily } from "./lazily";

export const Loom = lazily(async () => ({ default: (await import("../charts/loom/Loom")).Loom }));
export const ChosenLayer = lazily(async () => ({ default: (await import("../charts/layer/ChosenLayer")).ChosenLayer }));
export const CostGauge = lazily(async () => ({ default: (await import("../charts/cost/CostGauge")).CostGauge }));
export const LossChart = lazily(async () => ({ default: (await import("../charts/progress/LossChart")).LossChart }));
export const AccuracyChart = lazily(async () => ({ default: (await import("../charts/progress/AccuracyChart")).AccuracyChart }));
export const TradeOff = lazily(async () => ({ default: (await import("../charts/cost/TradeOff")).TradeOff }));
export const MeterChart = lazily(async () => ({ default: (await import("../charts/meters/MeterChart")).MeterChart }));
export const StaircaseChart = lazily(async () => ({ default: (await import("../charts/lab/StaircaseChart")).StaircaseChart }));
export const QualityChart = lazily(async () => ({ default: (await import("../charts/lab/QualityChart")).QualityChart }));
export const BitsByLayer = lazily(async () => ({ default: (await import("../charts/cost/BitsByLayer")).BitsByLayer }));
