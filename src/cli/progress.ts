/** One line of progress on a terminal; one line per stage elsewhere. */
import { currentStage, type History } from "../core/history";
import type { RunEvent } from "../core/protocol";

const BAR_WIDTH = 24;

export interface ProgressBar {
  readonly show: (history: History, event: RunEvent) => void;
  readonly end: () => void;
}

export function progressBar(stream: NodeJS.WriteStream | null): ProgressBar {
  const inPlace = stream?.isTTY === true;
  const line = (text: string): void => {
    stream?.write(inPlace ? `\r\x1b[2K${text}` : `${text}\n`);
  };
  /** Stays above the bar. */
  const lasting = (text: string): void => line(inPlace ? `${text}\n` : text);
  return {
    show: (history, event) => {
      if (event.type === "snapshot" && inPlace) line(progressText(history));
      if (event.type === "stage" && !inPlace) line(event.stage.label);
      if (event.type === "log") lasting(event.text);
      if (event.type === "result") {
        const { label, accuracy, perplexity, totals, seconds } = event.result;
        const quality = perplexity === null ? percent(accuracy) : `perplexity ${perplexity.toFixed(3)}, ${percent(accuracy)}`;
        lasting(`${label}: ${quality}, ${totals.averageBits.toFixed(2)} bits, ${seconds.toFixed(1)} s`);
      }
    },
    end: () => {
      if (inPlace) stream.write("\n");
    },
  };
}

function progressText(history: History): string {
  const stage = currentStage(history);
  const point = history.points.at(-1);
  if (!stage || !point) return "";
  const { step, taskLoss, accuracy, relaxed, speed, secondsLeft } = point.snapshot;
  const done = Math.round((step / stage.stage.steps) * BAR_WIDTH);
  const bits = relaxed ? `  ${relaxed.totals.averageBits.toFixed(2)} bits` : "";
  const bar = "#".repeat(done) + "-".repeat(BAR_WIDTH - done);
  return `${stage.stage.label.padEnd(8)} [${bar}] ${step}/${stage.stage.steps}  loss ${taskLoss.toFixed(3)}  ${percent(accuracy)}${bits}  ${speed.toFixed(1)} it/s  ${Math.ceil(secondsLeft)} s left`;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
