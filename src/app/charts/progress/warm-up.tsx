/**
 * The first chart of Recharts takes several times as long as the next one, because none of its code has run yet: on two cores that train
 * at the same time it held the page up for 70 to 120 ms. So a small one, which nobody sees, is drawn while the page waits for Start.
 */
import { startTransition, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { Line, LineChart } from "recharts";
import { plotProps, timeAxis, valueAxis } from "./plot-axes";

const SIZE = { width: 200, height: 100 };
const POINTS = [{ time: 0 }, { time: 1 }] as const;

/** Draws it in idle moments, in pieces, and takes it away. */
export function warmUpCharts(): void {
  whenIdle(() => {
    const root = createRoot(document.createElement("div"));
    const finish = (): void => whenIdle(() => root.unmount());
    startTransition(() => root.render(<Unseen onDrawn={finish} />));
  });
}

function Unseen({ onDrawn }: { readonly onDrawn: () => void }) {
  useEffect(onDrawn, [onDrawn]);
  return (
    <LineChart {...plotProps(SIZE)} data={[...POINTS]}>
      {timeAxis({ start: 0, end: 1 }, SIZE)}
      {valueAxis([0, 1], String, SIZE)}
      <Line dataKey="time" dot={false} activeDot={false} isAnimationActive={false} />
    </LineChart>
  );
}

/** Safari has no idle callbacks. */
const whenIdle = (work: () => void): void => {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(work);
  else setTimeout(work);
};
