import { Button } from "react-aria-components/Button";
import { stopReading } from "../bridge/data";
import type { ReadingProgress } from "../../core/dataset";
import type { FileImport } from "../store/run";

interface Props {
  readonly reading: FileImport;
  /** What is read: "data". */
  readonly what: string;
}

/** How far a reading is, with a button that ends it; or why it failed. */
export function ReadingNote({ reading, what }: Props) {
  switch (reading.type) {
    case "none":
      return null;
    case "failed":
      return (
        <p className="problem" role="status">
          {reading.message}
        </p>
      );
    case "reading":
      return (
        <div className="reading-note">
          <span>{reading.progress ? inWords(reading.progress) : "Reading"}</span>
          <progress aria-label={`Reading ${what}`} {...shareOf(reading.progress)} />
          <Button className="button" onPress={stopReading}>
            Stop reading
          </Button>
        </div>
      );
  }
}

/** Without a value the bar moves and promises nothing. */
const shareOf = (progress: ReadingProgress | null): { readonly value?: number } =>
  progress && progress.total > 0 ? { value: Math.min(1, progress.done / progress.total) } : {};

const inWords = ({ what, done, total }: ReadingProgress): string =>
  total > 0 ? `${what}, ${Math.floor((100 * Math.min(done, total)) / total)} %` : `${what}, ${(done / 1e6).toFixed(1)} MB`;
