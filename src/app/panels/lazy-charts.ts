/** The charts, each loaded when it is first shown: the controls work before the chart library is here. */
import { lazy } from "react";

export const Loom = lazy(async () => ({ default: (await import("../charts/loom/Loom")).Loom }));
export const ChosenLayer = lazy(async () => ({ default: (await import("../charts/layer/ChosenLayer")).ChosenLayer }));
export const CostGauge = lazy(async () => ({ default: (await import("../charts/cost/CostGauge")).CostGauge }));
export const LossChart = lazy(async () => ({ default: (await import("../charts/progress/LossChart")).LossChart }));
export const AccuracyChart = lazy(async () => ({ default: (await import("../charts/progress/AccuracyChart")).AccuracyChart }));
export const TradeOff = lazy(async () => ({ default: (await import("../charts/cost/TradeOff")).TradeOff }));
export const MeterChart = lazy(async () => ({ default: (await import("../charts/meters/MeterChart")).MeterChart }));
export const BitsByLayer = lazy(async () => ({ default: (await import("../charts/cost/BitsByLayer")).BitsByLayer }));
