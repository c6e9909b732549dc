import type { MeterSpec } from "../../../core/catalog";
import { useRun } from "../../store/run";
import { metersOf } from "./meter-series";

/** What the shown search measures besides bits and loss. */
export const useMeters = (): readonly MeterSpec[] => useRun((state) => metersOf(state.history));
